import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import Cursor from 'pg-cursor';
import { type Shop, startShop } from '../../../sandbox/shop/shop';
import { SHOP_CUSTOMERS, SHOP_ORDERS } from '../../../sandbox/shop/shop-seed';

describe('the embedded shop', () => {
  let shop: Shop;
  const clientWith = (change: object = {}): Client => {
    const { host, port, database, username: user, password } = shop;
    return new Client({ host, port, database, user, password, ...change });
  };

  beforeAll(async () => {
    shop = await startShop();
  });
  afterAll(() => shop.stop());

  it('has customers and orders', async () => {
    const client = clientWith();
    await client.connect();
    const { rows } = await client.query(
      'SELECT (SELECT count(*)::int FROM customers) AS customers, (SELECT count(*)::int FROM orders) AS orders',
    );
    await client.end();
    expect(rows).toEqual([{ customers: SHOP_CUSTOMERS, orders: SHOP_ORDERS }]);
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, '28P01', 'password authentication failed for user "airbyte"'],
    ['an unknown user', { user: 'nobody' }, '28P01', 'password authentication failed for user "nobody"'],
    ['an unknown database', { database: 'lake' }, '3D000', 'database "lake" does not exist'],
  ])('rejects %s in the words of PostgreSQL', async (_title, change, code, message) => {
    await expect(clientWith(change).connect()).rejects.toMatchObject({ code, message });
  });

  it('says why a query fails, and continues with the next', async () => {
    const client = clientWith();
    await client.connect();
    await expect(client.query('SELECT nope FROM customers WHERE id = $1', [1])).rejects.toMatchObject({
      code: '42703',
    });
    await expect(client.query('SELECT nope')).rejects.toMatchObject({ code: '42703' });
    const { rows } = await client.query('SELECT id FROM customers WHERE id = $1', [7]);
    await client.end();
    expect(rows).toEqual([{ id: 7 }]);
  });

  it('serves many connections concurrently, each with its own responses', async () => {
    const responses = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const client = clientWith();
        await client.connect();
        const seen: unknown[] = [];
        for (let turn = 0; turn < 5; turn += 1) {
          const { rows } = await client.query<{ n: number }>('SELECT $1::int AS n', [index * 100 + turn]);
          seen.push(rows[0]?.n);
        }
        await client.end();
        return seen;
      }),
    );
    expect(responses).toEqual(
      Array.from({ length: 12 }, (_, index) => [0, 1, 2, 3, 4].map((turn) => index * 100 + turn)),
    );
  });

  it('keeps one connection’s transaction apart from what another asks meanwhile', async () => {
    const [writer, reader] = [clientWith(), clientWith()];
    await Promise.all([writer.connect(), reader.connect()]);
    await writer.query('BEGIN');
    await writer.query("UPDATE customers SET name = 'Changed' WHERE id = 5");
    const read = reader.query('SELECT name FROM customers WHERE id = 5');
    await writer.query('ROLLBACK');
    expect((await read).rows).not.toEqual([{ name: 'Changed' }]);
    await Promise.all([writer.end(), reader.end()]);
  });

  it('rolls back and continues when a client leaves in the middle of a cursor', async () => {
    const leaving = clientWith();
    leaving.on('error', () => undefined);
    await leaving.connect();
    await leaving.query('BEGIN');
    await leaving.query("UPDATE customers SET name = 'Changed' WHERE id = 6");
    const cursor = leaving.query(new Cursor('SELECT * FROM orders'));
    expect(await cursor.read(10)).toHaveLength(10);
    await leaving.end();
    const [customer] = await shop.query('SELECT name FROM customers WHERE id = 6');
    expect(customer?.['name']).not.toBe('Changed');
  });

  it('does not hand on what an earlier connection has set', async () => {
    const first = clientWith();
    await first.connect();
    await first.query("SET TIME ZONE 'Asia/Tokyo'");
    await first.end();
    await shop.query('SELECT 1');
    const second = clientWith();
    await second.connect();
    const { rows } = await second.query('SHOW TIME ZONE');
    await second.end();
    expect(rows).not.toEqual([{ TimeZone: 'Asia/Tokyo' }]);
  });

  it('cuts off a client that does not speak the protocol, and serves the others', async () => {
    const stranger = connect(shop.port, shop.host);
    stranger.on('error', () => undefined);
    const closed = new Promise((resolve) => stranger.once('close', resolve));
    stranger.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
    await closed;
    const client = clientWith();
    await client.connect();
    await client.end();
  });

  it('changes as many rows as it says', async () => {
    const before = await shop.query('SELECT max(updated_at)::text AS last FROM customers');
    const changed = await shop.change();
    const after = await shop.query(
      `SELECT count(*)::int AS n FROM customers WHERE updated_at > '${before[0]?.['last']}'`,
    );
    expect(after).toEqual([{ n: changed.customers }]);
  });
});
