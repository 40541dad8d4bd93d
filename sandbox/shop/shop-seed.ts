/** The rows of the shop, which the embedded database and the tests' PostgreSQL share. */

export const SHOP_CUSTOMERS = 250;
export const SHOP_ORDERS = 600;

/**
 * Creates and fills `customers` and `orders`. Every value is derived from the row's number, so all shops are equal.
 * Times have microseconds, and several orders share the same time.
 */
export const SHOP_SEED = `
CREATE TABLE customers (
  id integer PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  country text,
  credit numeric(12, 2) NOT NULL,
  newsletter boolean NOT NULL,
  preferences jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customers (id),
  status text NOT NULL,
  quantity integer NOT NULL,
  total numeric(12, 2) NOT NULL,
  placed_on date NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX customers_updated_at ON customers (updated_at);
CREATE INDEX orders_updated_at ON orders (updated_at);
INSERT INTO customers
SELECT n,
       (ARRAY['Ada', 'Bruno', 'Chiara', 'Dmitri', 'Élodie', 'Farid', 'Greta', 'Hiroshi'])[1 + n % 8] || ' ' ||
         (ARRAY['Rossi', 'Martin', 'Nowak', 'Okafor', 'Silva', 'Tanaka', 'Weber'])[1 + n % 7],
       'customer' || n || '@shop.example',
       CASE WHEN n % 11 = 0 THEN NULL ELSE (ARRAY['IT', 'FR', 'PL', 'JP', 'DE'])[1 + n % 5] END,
       (n * 137 % 100000) / 100.0,
       n % 3 = 0,
       jsonb_build_object('language', (ARRAY['it', 'fr', 'en'])[1 + n % 3], 'tags', jsonb_build_array('t' || n % 4)),
       timestamptz '2025-01-01 08:00:00+00' + n * interval '3 hours',
       timestamptz '2025-06-01 08:00:00.000001+00' + n * interval '61.234567 seconds'
  FROM generate_series(1, ${SHOP_CUSTOMERS}) AS n;
INSERT INTO orders
SELECT n,
       1 + n * 7 % ${SHOP_CUSTOMERS},
       (ARRAY['placed', 'paid', 'sent', 'returned'])[1 + n % 4],
       1 + n % 5,
       (n * 1999 % 50000) / 100.0,
       date '2025-06-01' + n % 90,
       timestamptz '2025-06-01 09:00:00.000007+00' + (n / 3) * interval '97.654321 seconds'
  FROM generate_series(1, ${SHOP_ORDERS}) AS n;
`;

/** How many rows {@link SHOP_CHANGES} changes. The next incremental sync moves exactly these. */
export const SHOP_CHANGED = { customers: 3, orders: 5 } as const;

/**
 * A day in the shop: two customers move and one is new; three orders are sent and two are new. It can run repeatedly.
 */
export const SHOP_CHANGES = `
UPDATE customers SET country = 'ES', updated_at = clock_timestamp() WHERE id IN (1, 2);
INSERT INTO customers
SELECT max(id) + 1, 'Ines Moreau', 'customer' || max(id) + 1 || '@shop.example', 'FR', 0, true, '{"language": "fr"}', clock_timestamp(), clock_timestamp()
  FROM customers;
UPDATE orders SET status = 'sent', updated_at = clock_timestamp() WHERE id IN (1, 2, 3);
INSERT INTO orders
SELECT max(id) + n, 1, 'placed', 1, 19.99, current_date, clock_timestamp() FROM orders, generate_series(1, 2) AS n GROUP BY n;
`;
