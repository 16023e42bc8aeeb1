-- The KPIs of the benchmark as a good SQL engineer writes them for DuckDB: the orders are read once into
-- three small tables, every level comes from grouping sets, and growth and retention from joins on a year ago.
-- $data is the folder with the tables. Quarters are numbered from 2023-Q1 = 0; 4 to 11 are reported.

CREATE TEMP TABLE quarters AS
SELECT number, starts_on, starts_on + INTERVAL 3 MONTH - INTERVAL 1 DAY AS ends_on,
       format('{}-Q{}', year(starts_on), quarter(starts_on)) AS period
FROM (SELECT i AS number, (DATE '2023-01-01' + to_months(3 * i))::DATE AS starts_on
      FROM range(12) AS r(i));

CREATE TEMP TABLE partners AS SELECT * FROM read_parquet($data || '/partners.parquet');

CREATE TEMP VIEW orders AS
SELECT *, (year(ordered_on) - 2023) * 4 + quarter(ordered_on) - 1 AS q,
       status = 'completed' AS fulfilled, status IN ('completed', 'returned') AS sale
FROM read_parquet($data || '/orders/*.parquet');

-- One row per partner and quarter.
CREATE TEMP TABLE sums AS
SELECT q, partner_id, any_value(partner_type) AS partner_type,
       sum(amount) FILTER (sale) AS sales,
       sum(amount - cost) FILTER (sale) AS margin,
       sum(amount) FILTER (sale AND cost IS NOT NULL) AS sales_with_cost,
       sum(amount) FILTER (fulfilled) AS fulfilled_amount,
       count(*) FILTER (fulfilled) AS orders,
       sum(quantity) FILTER (fulfilled) AS quantity,
       count(project_id) FILTER (fulfilled) AS project_orders,
       count(channel) FILTER (fulfilled) AS channel_orders,
       count(*) FILTER (fulfilled AND channel IN ('portal', 'app', 'edi')) AS digital_orders
FROM orders LEFT JOIN partners USING (partner_id)
GROUP BY q, partner_id;

-- One row per partner, customer and day with something sold.
CREATE TEMP TABLE customer_days AS
SELECT customer_id, partner_id, ordered_on, any_value(q) AS q,
       count(*) FILTER (fulfilled) AS orders, sum(amount) AS sales
FROM orders WHERE sale AND customer_id IS NOT NULL
GROUP BY customer_id, partner_id, ordered_on;

-- One row per entity, customer and quarter.
CREATE TEMP TABLE customers_of AS
SELECT q, customer_id,
       CASE grouping(partner_id, partner_type, is_direct)
            WHEN 0 THEN 'partner' WHEN 4 THEN 'partner_type' WHEN 7 THEN 'company'
            ELSE if(is_direct, 'direct', 'portfolio') END AS scope,
       CASE scope WHEN 'partner' THEN partner_id WHEN 'partner_type' THEN partner_type ELSE scope END AS entity,
       sum(orders) AS orders, sum(sales) AS sales
FROM (SELECT q, customer_id, partner_id, partner_type, partner_id IS NULL AS is_direct,
             sum(orders) AS orders, sum(sales) AS sales
      FROM customer_days LEFT JOIN partners USING (partner_id) GROUP BY ALL)
GROUP BY GROUPING SETS ((q, customer_id, partner_id, partner_type, is_direct),
                        (q, customer_id, partner_type, is_direct),
                        (q, customer_id, is_direct), (q, customer_id))
HAVING entity IS NOT NULL;

CREATE TEMP TABLE customer_parts AS
SELECT scope, entity, q,
       count(*) FILTER (orders > 0) AS active, count(*) FILTER (orders > 1) AS repeating
FROM customers_of GROUP BY ALL;

CREATE TEMP TABLE retention_parts AS
SELECT b.scope, b.entity, b.q + 4 AS q,
       count(*) FILTER (b.orders > 0) AS active_base,
       count(*) FILTER (b.orders > 0 AND n.orders > 0) AS active_kept,
       sum(b.sales) FILTER (b.sales > 0) AS sales_base,
       coalesce(sum(n.sales) FILTER (b.sales > 0), 0) AS sales_kept,
       sum(least(greatest(coalesce(n.sales, 0), 0), b.sales)) FILTER (b.sales > 0) AS sales_held
FROM customers_of b
LEFT JOIN customers_of n
  ON n.scope = b.scope AND n.entity = b.entity AND n.customer_id = b.customer_id AND n.q = b.q + 4
WHERE b.q < 8
GROUP BY ALL;

-- The days between purchases, level by level: a customer of two partners has other gaps at each.
CREATE TEMP TABLE bought AS
SELECT customer_id, partner_id, partner_type, ordered_on, q
FROM customer_days LEFT JOIN partners USING (partner_id) WHERE orders > 0;

CREATE TEMP TABLE gap_parts AS
WITH by_partner AS (
    SELECT 'partner' AS scope, partner_id AS entity, q, ordered_on - lag(ordered_on) OVER w AS gap
    FROM bought WHERE partner_id IS NOT NULL
    WINDOW w AS (PARTITION BY partner_id, customer_id ORDER BY ordered_on)
), by_type AS (
    SELECT 'partner_type' AS scope, partner_type AS entity, q, ordered_on - lag(ordered_on) OVER w AS gap
    FROM (SELECT DISTINCT partner_type, customer_id, ordered_on, q FROM bought WHERE partner_id IS NOT NULL)
    WINDOW w AS (PARTITION BY partner_type, customer_id ORDER BY ordered_on)
), by_side AS (
    SELECT if(is_direct, 'direct', 'portfolio') AS scope, scope AS entity, q,
           ordered_on - lag(ordered_on) OVER w AS gap
    FROM (SELECT DISTINCT partner_id IS NULL AS is_direct, customer_id, ordered_on, q FROM bought)
    WINDOW w AS (PARTITION BY is_direct, customer_id ORDER BY ordered_on)
), of_company AS (
    SELECT 'company' AS scope, 'company' AS entity, q, ordered_on - lag(ordered_on) OVER w AS gap
    FROM (SELECT DISTINCT customer_id, ordered_on, q FROM bought)
    WINDOW w AS (PARTITION BY customer_id ORDER BY ordered_on)
)
SELECT scope, entity, q, sum(gap) AS gap_days, count(gap) AS gaps
FROM (FROM by_partner UNION ALL FROM by_type UNION ALL FROM by_side UNION ALL FROM of_company)
GROUP BY ALL;

CREATE TEMP TABLE order_parts AS
SELECT q,
       CASE grouping(partner_id, partner_type, is_direct)
            WHEN 0 THEN 'partner' WHEN 4 THEN 'partner_type' WHEN 7 THEN 'company'
            ELSE if(is_direct, 'direct', 'portfolio') END AS scope,
       CASE scope WHEN 'partner' THEN partner_id WHEN 'partner_type' THEN partner_type ELSE scope END AS entity,
       sum(sales) AS sales, sum(margin) AS margin, sum(sales_with_cost) AS sales_with_cost,
       sum(fulfilled_amount) AS fulfilled_amount, sum(orders) AS orders, sum(quantity) AS quantity,
       sum(project_orders) AS project_orders, sum(channel_orders) AS channel_orders,
       sum(digital_orders) AS digital_orders
FROM (SELECT *, partner_id IS NULL AS is_direct FROM sums)
GROUP BY GROUPING SETS ((q, partner_id, partner_type, is_direct), (q, partner_type, is_direct),
                        (q, is_direct), (q))
HAVING entity IS NOT NULL;

CREATE TEMP TABLE project_parts AS
SELECT q,
       CASE grouping(partner_id, partner_type, is_direct)
            WHEN 0 THEN 'partner' WHEN 4 THEN 'partner_type' WHEN 7 THEN 'company'
            ELSE if(is_direct, 'direct', 'portfolio') END AS scope,
       CASE scope WHEN 'partner' THEN partner_id WHEN 'partner_type' THEN partner_type ELSE scope END AS entity,
       count(DISTINCT project_id) AS projects
FROM (SELECT DISTINCT q, project_id, partner_id, partner_type, partner_id IS NULL AS is_direct
      FROM orders LEFT JOIN partners USING (partner_id) WHERE fulfilled AND project_id IS NOT NULL)
GROUP BY GROUPING SETS ((q, partner_id, partner_type, is_direct), (q, partner_type, is_direct),
                        (q, is_direct), (q))
HAVING entity IS NOT NULL;

CREATE TEMP TABLE acquired_parts AS
SELECT q,
       CASE grouping(partner_id, partner_type, is_direct)
            WHEN 0 THEN 'partner' WHEN 4 THEN 'partner_type' WHEN 7 THEN 'company'
            ELSE if(is_direct, 'direct', 'portfolio') END AS scope,
       CASE scope WHEN 'partner' THEN partner_id WHEN 'partner_type' THEN partner_type ELSE scope END AS entity,
       count(*) AS acquired
FROM (SELECT (year(acquired_on) - 2023) * 4 + quarter(acquired_on) - 1 AS q,
             partner_id, partner_type, partner_id IS NULL AS is_direct
      FROM read_parquet($data || '/customers.parquet') LEFT JOIN partners USING (partner_id))
GROUP BY GROUPING SETS ((q, partner_id, partner_type, is_direct), (q, partner_type, is_direct),
                        (q, is_direct), (q))
HAVING entity IS NOT NULL;

CREATE TEMP TABLE partner_parts AS
SELECT number AS q,
       CASE grouping(partner_id, partner_type, one)
            WHEN 0 THEN 'partner' WHEN 4 THEN 'partner_type' WHEN 6 THEN 'portfolio' ELSE 'company' END AS scope,
       CASE scope WHEN 'partner' THEN partner_id WHEN 'partner_type' THEN partner_type ELSE scope END AS entity,
       sum(date_diff('day', joined_on, least(coalesce(left_on, ends_on), ends_on))) AS days,
       count(*) AS joined,
       count(*) FILTER (left_on IS NULL OR left_on > ends_on) AS active_partners,
       count(*) FILTER (joined_on >= starts_on) AS new_partners,
       count(*) FILTER (joined_on < starts_on AND (left_on IS NULL OR left_on >= starts_on)) AS partners_before,
       count(*) FILTER (joined_on < starts_on AND left_on BETWEEN starts_on AND ends_on) AS partners_left
FROM (SELECT *, 1 AS one FROM partners) JOIN quarters ON joined_on <= ends_on
GROUP BY GROUPING SETS ((number, partner_id, partner_type, one), (number, partner_type, one),
                        (number, one), (number));

-- Every entity has a row in every quarter in which it exists, sold or not.
CREATE TEMP TABLE grid AS
SELECT scope, entity, number AS q, period FROM quarters
JOIN (SELECT q, scope, entity FROM partner_parts WHERE scope = 'partner') ON q = number WHERE number >= 4
UNION ALL
SELECT scope, entity, number, period FROM quarters, (
    SELECT DISTINCT 'partner_type' AS scope, partner_type AS entity FROM partners
    UNION ALL VALUES ('portfolio', 'portfolio'), ('direct', 'direct'), ('company', 'company'))
WHERE number >= 4;

CREATE TEMP TABLE wide AS
SELECT g.scope, g.entity, g.period,
       coalesce(o.sales, 0)::DOUBLE AS revenue,
       if(y.sales > 0, coalesce(o.sales, 0)::DOUBLE / y.sales - 1, NULL) AS revenue_growth,
       coalesce(o.sales, 0)::DOUBLE / all_of_it.sales AS revenue_share,
       o.margin::DOUBLE / nullif(o.sales_with_cost, 0) AS gross_margin,
       coalesce(o.orders, 0)::DOUBLE AS orders,
       coalesce(o.orders, 0)::DOUBLE / nullif(y.orders, 0) - 1 AS order_growth,
       coalesce(o.quantity, 0)::DOUBLE AS sales_volume,
       o.fulfilled_amount::DOUBLE / nullif(o.orders, 0) AS average_order_value,
       coalesce(a.acquired, 0)::DOUBLE AS new_customers,
       coalesce(c.active, 0)::DOUBLE AS active_customers,
       r.active_kept::DOUBLE / nullif(r.active_base, 0) AS customer_retention,
       r.sales_kept::DOUBLE / r.sales_base AS revenue_retention,
       r.sales_held::DOUBLE / r.sales_base AS gross_revenue_retention,
       c.repeating::DOUBLE / nullif(c.active, 0) AS repeat_purchase_rate,
       coalesce(o.orders, 0)::DOUBLE / 3 AS orders_per_month,
       o.project_orders::DOUBLE / nullif(p.projects, 0) AS orders_per_project,
       d.gap_days::DOUBLE / nullif(d.gaps, 0) AS days_between_purchases,
       o.digital_orders::DOUBLE / nullif(o.channel_orders, 0) AS digital_order_share,
       w.days / 365.25 / nullif(w.joined, 0) AS partnership_years,
       w.active_partners::DOUBLE AS active_partners,
       w.new_partners::DOUBLE AS new_partners,
       w.partners_left::DOUBLE / nullif(w.partners_before, 0) AS partner_churn_rate
FROM grid g
LEFT JOIN order_parts o USING (scope, entity, q)
LEFT JOIN order_parts y ON y.scope = g.scope AND y.entity = g.entity AND y.q = g.q - 4
LEFT JOIN order_parts all_of_it ON all_of_it.scope = 'company' AND all_of_it.q = g.q
LEFT JOIN customer_parts c ON c.scope = g.scope AND c.entity = g.entity AND c.q = g.q
LEFT JOIN retention_parts r ON r.scope = g.scope AND r.entity = g.entity AND r.q = g.q
LEFT JOIN gap_parts d ON d.scope = g.scope AND d.entity = g.entity AND d.q = g.q
LEFT JOIN project_parts p ON p.scope = g.scope AND p.entity = g.entity AND p.q = g.q
LEFT JOIN acquired_parts a ON a.scope = g.scope AND a.entity = g.entity AND a.q = g.q
LEFT JOIN partner_parts w ON w.scope = g.scope AND w.entity = g.entity AND w.q = g.q;
