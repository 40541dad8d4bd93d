-- A small shop, the source of the example. Change a row and its updated_at, and the next sync moves only that row:
--   docker compose exec shop psql -U airbyte shop -c "UPDATE customers SET country = 'ES', updated_at = now() WHERE id = 1"
CREATE TABLE customers (
  id integer PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  country text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customers (id),
  status text NOT NULL,
  total numeric(12, 2) NOT NULL,
  placed_on date NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX customers_updated_at ON customers (updated_at);
CREATE INDEX orders_updated_at ON orders (updated_at);

INSERT INTO customers
SELECT n, 'Customer ' || n, 'customer' || n || '@shop.example', (ARRAY['IT', 'FR', 'PL', 'JP', 'DE'])[1 + n % 5],
       timestamptz '2025-01-01 08:00:00+00' + n * interval '3 hours',
       timestamptz '2025-06-01 08:00:00+00' + n * interval '1 minute'
  FROM generate_series(1, 1000) AS n;

INSERT INTO orders
SELECT n, 1 + n * 7 % 1000, (ARRAY['placed', 'paid', 'sent', 'returned'])[1 + n % 4], (n * 1999 % 50000) / 100.0,
       date '2025-06-01' + n % 90,
       timestamptz '2025-06-01 09:00:00+00' + n * interval '1 minute'
  FROM generate_series(1, 5000) AS n;
