-- The KPIs of the benchmark as a good SQL engineer writes them for DuckDB: the orders are read once, with whole
-- numbers for ids; every level comes from grouping sets, growth and retention from joins on a year ago, the days
-- between purchases from windows. $data is the folder with the tables. Quarters are numbered from 2023-Q1 = 0;
-- 4 to 11 are reported.

CREATE TEMP TABLE quarters AS
SELECT number, starts_on, (starts_on + INTERVAL 3 MONTH - INTERVAL 1 DAY)::DATE AS ends_on,
       format('{}-Q{}', year(starts_on), quarter(starts_on)) AS period
FROM (SELECT i AS number, (DATE '2023-01-01' + to_months(3 * i))::DATE AS starts_on
      FROM range(12) AS r(i));

CREATE TEMP TABLE partners AS
SELECT *, (row_number() OVER (ORDER BY partner_id))::SMALLINT AS partner,
       (dense_rank() OVER (ORDER BY partner_type))::SMALLINT AS type
FROM read_parquet($data || '/partners.parquet');

CREATE TEMP TABLE customers AS
SELECT *, (row_number() OVER (ORDER BY customer_id))::INT AS customer
FROM read_parquet($data || '/customers.parquet') LEFT JOIN partners USING (partner_id);

CREATE MACRO quarter_of(day) AS ((year(day) - 2023) * 4 + quarter(day) - 1)::TINYINT;

-- With GROUPING SETS ((…, partner, type, direct), (…, type, direct), (…, direct), (…)).
CREATE MACRO scope_of(sets, direct) AS CASE sets
    WHEN 0 THEN 'partner' WHEN 4 THEN 'partner_type' WHEN 7 THEN 'company'
    ELSE if(direct, 'direct', 'portfolio') END;
CREATE MACRO entity_of(sets, partner, type) AS
    CASE sets WHEN 0 THEN partner WHEN 4 THEN type ELSE 0 END;

CREATE TEMP TABLE orders AS
SELECT quarter_of(ordered_on) AS q, partner, type, partner IS NULL AS direct, customer, ordered_on,
       amount, cost, quantity, project_id, channel IS NOT NULL AS by_channel,
       channel IN ('portal', 'app', 'edi') AS digital,
       status = 'completed' AS fulfilled, status IN ('completed', 'returned') AS sale
FROM read_parquet($data || '/orders/*.parquet') o
LEFT JOIN (SELECT customer_id, customer FROM customers) USING (customer_id)
LEFT JOIN partners p USING (partner_id);

CREATE TEMP TABLE order_parts AS
SELECT q, scope_of(grouping(partner, type, direct), direct) AS scope,
       entity_of(grouping(partner, type, direct), partner, type) AS entity,
       sum(sales) AS sales, sum(margin) AS margin, sum(sales_with_cost) AS sales_with_cost,
       sum(fulfilled_amount) AS fulfilled_amount, sum(orders) AS orders, sum(quantity) AS quantity,
       sum(project_orders) AS project_orders, sum(channel_orders) AS channel_orders,
       sum(digital_orders) AS digital_orders
FROM (SELECT q, partner, type, direct,
             sum(amount) FILTER (sale) AS sales,
             sum(amount - cost) FILTER (sale) AS margin,
             sum(amount) FILTER (sale AND cost IS NOT NULL) AS sales_with_cost,
             sum(amount) FILTER (fulfilled) AS fulfilled_amount,
             count(*) FILTER (fulfilled) AS orders,
             sum(quantity) FILTER (fulfilled) AS quantity,
             count(project_id) FILTER (fulfilled) AS project_orders,
             count(*) FILTER (fulfilled AND by_channel) AS channel_orders,
             count(*) FILTER (fulfilled AND digital) AS digital_orders
      FROM orders GROUP BY ALL)
GROUP BY GROUPING SETS ((q, partner, type, direct), (q, type, direct), (q, direct), (q))
HAVING entity IS NOT NULL;

CREATE TEMP TABLE project_parts AS
SELECT q, scope_of(grouping(partner, type, direct), direct) AS scope,
       entity_of(grouping(partner, type, direct), partner, type) AS entity,
       count(DISTINCT project_id) AS projects
FROM (SELECT DISTINCT q, project_id, partner, type, direct
      FROM orders WHERE fulfilled AND project_id IS NOT NULL)
GROUP BY GROUPING SETS ((q, partner, type, direct), (q, type, direct), (q, direct), (q))
HAVING entity IS NOT NULL;

-- One row per partner, customer and day with something sold.
CREATE TEMP TABLE customer_days AS
SELECT customer, partner, type, direct, ordered_on, q,
       count(*) FILTER (fulfilled) AS orders, sum(amount) AS sales
FROM orders WHERE sale AND customer IS NOT NULL
GROUP BY ALL;

DROP TABLE orders;

-- One row per entity, customer and quarter.
CREATE TEMP TABLE customers_of AS
SELECT q, customer, scope_of(grouping(partner, type, direct), direct) AS scope,
       entity_of(grouping(partner, type, direct), partner, type) AS entity,
       sum(orders) AS orders, sum(sales) AS sales
FROM (SELECT q, customer, partner, type, direct, sum(orders) AS orders, sum(sales) AS sales
      FROM customer_days GROUP BY ALL)
GROUP BY GROUPING SETS ((q, customer, partner, type, direct), (q, customer, type, direct),
                        (q, customer, direct), (q, customer))
HAVING entity IS NOT NULL;

CREATE TEMP TABLE customer_parts AS
SELECT q, scope, entity,
       count(*) FILTER (orders > 0) AS active, count(*) FILTER (orders > 1) AS repeating
FROM customers_of GROUP BY ALL;

CREATE TEMP TABLE retention_parts AS
SELECT b.q + 4 AS q, b.scope, b.entity,
       count(*) FILTER (b.orders > 0) AS active_base,
       count(*) FILTER (b.orders > 0 AND n.orders > 0) AS active_kept,
       sum(b.sales) FILTER (b.sales > 0) AS sales_base,
       coalesce(sum(n.sales) FILTER (b.sales > 0), 0) AS sales_kept,
       sum(least(greatest(coalesce(n.sales, 0), 0), b.sales)) FILTER (b.sales > 0) AS sales_held
FROM customers_of b
LEFT JOIN customers_of n
  ON n.scope = b.scope AND n.entity = b.entity AND n.customer = b.customer AND n.q = b.q + 4
WHERE b.q < 8
GROUP BY ALL;

DROP TABLE customers_of;

-- A customer of two partners has other gaps at each level. Two purchases of one day make a gap of 0, which is
-- none, so the days need not be made distinct first.
CREATE TEMP TABLE gaps AS
SELECT q, partner, type, direct,
       sum(by_partner) AS by_partner, count(*) FILTER (by_partner > 0) AS n_by_partner,
       sum(by_type) AS by_type, count(*) FILTER (by_type > 0) AS n_by_type,
       sum(by_side) AS by_side, count(*) FILTER (by_side > 0) AS n_by_side,
       sum(by_all) AS by_all, count(*) FILTER (by_all > 0) AS n_by_all
FROM (SELECT q, partner, type, direct,
             ordered_on - lag(ordered_on) OVER (PARTITION BY customer, partner ORDER BY ordered_on) AS by_partner,
             ordered_on - lag(ordered_on) OVER (PARTITION BY customer, type ORDER BY ordered_on) AS by_type,
             ordered_on - lag(ordered_on) OVER (PARTITION BY customer, direct ORDER BY ordered_on) AS by_side,
             ordered_on - lag(ordered_on) OVER (PARTITION BY customer ORDER BY ordered_on) AS by_all
      FROM customer_days WHERE orders > 0)
GROUP BY ALL;

CREATE TEMP TABLE gap_parts AS
SELECT q, 'partner' AS scope, partner AS entity, by_partner AS gap_days, n_by_partner AS gaps
FROM gaps WHERE NOT direct
UNION ALL
SELECT q, 'partner_type', type, sum(by_type), sum(n_by_type) FROM gaps WHERE NOT direct GROUP BY q, type
UNION ALL
SELECT q, if(direct, 'direct', 'portfolio'), 0, sum(by_side), sum(n_by_side) FROM gaps GROUP BY q, direct
UNION ALL
SELECT q, 'company', 0, sum(by_all), sum(n_by_all) FROM gaps GROUP BY q;

CREATE TEMP TABLE acquired_parts AS
SELECT quarter_of(acquired_on) AS q, scope_of(grouping(partner, type, direct), direct) AS scope,
       entity_of(grouping(partner, type, direct), partner, type) AS entity, count(*) AS acquired
FROM (SELECT *, partner IS NULL AS direct FROM customers)
GROUP BY GROUPING SETS ((quarter_of(acquired_on), partner, type, direct),
                        (quarter_of(acquired_on), type, direct),
                        (quarter_of(acquired_on), direct), (quarter_of(acquired_on)))
HAVING entity IS NOT NULL;

CREATE TEMP TABLE partner_parts AS
SELECT number AS q, scope_of(grouping(partner, type, direct), direct) AS scope,
       entity_of(grouping(partner, type, direct), partner, type) AS entity,
       sum(date_diff('day', joined_on, least(coalesce(left_on, ends_on), ends_on))) AS days,
       count(*) AS joined,
       count(*) FILTER (left_on IS NULL OR left_on > ends_on) AS active_partners,
       count(*) FILTER (joined_on >= starts_on) AS new_partners,
       count(*) FILTER (joined_on < starts_on AND (left_on IS NULL OR left_on >= starts_on)) AS partners_before,
       count(*) FILTER (joined_on < starts_on AND left_on BETWEEN starts_on AND ends_on) AS partners_left
FROM (SELECT *, false AS direct FROM partners) JOIN quarters ON joined_on <= ends_on
GROUP BY GROUPING SETS ((number, partner, type, direct), (number, type, direct), (number, direct), (number));

-- Every entity has a row in every quarter in which it exists, sold or not.
CREATE TEMP TABLE grid AS
SELECT q, scope, entity, partner_id AS name FROM partner_parts JOIN partners ON partner = entity
WHERE scope = 'partner' AND q >= 4
UNION ALL
SELECT number, scope, entity, name FROM quarters, (
    SELECT DISTINCT 'partner_type' AS scope, type AS entity, partner_type AS name FROM partners
    UNION ALL
    SELECT scope, 0, scope FROM (VALUES ('portfolio'), ('direct'), ('company')) AS whole(scope))
WHERE number >= 4;

-- A ratio has a value where its denominator is above 0: returns may make a quarter's sales negative.
CREATE MACRO over(numerator, denominator) AS
    if(denominator >= 1e-9, numerator::DOUBLE / denominator::DOUBLE, NULL);

CREATE TEMP TABLE wide AS
SELECT g.scope, g.name AS entity, period,
       coalesce(o.sales, 0)::DOUBLE AS revenue,
       over(coalesce(o.sales, 0), y.sales) - 1 AS revenue_growth,
       over(coalesce(o.sales, 0), whole.sales) AS revenue_share,
       over(o.margin, o.sales_with_cost) AS gross_margin,
       coalesce(o.orders, 0)::DOUBLE AS orders,
       over(coalesce(o.orders, 0), y.orders) - 1 AS order_growth,
       coalesce(o.quantity, 0)::DOUBLE AS sales_volume,
       over(o.fulfilled_amount, o.orders) AS average_order_value,
       coalesce(a.acquired, 0)::DOUBLE AS new_customers,
       coalesce(c.active, 0)::DOUBLE AS active_customers,
       over(r.active_kept, r.active_base) AS customer_retention,
       over(r.sales_kept, r.sales_base) AS revenue_retention,
       over(r.sales_held, r.sales_base) AS gross_revenue_retention,
       over(c.repeating, c.active) AS repeat_purchase_rate,
       coalesce(o.orders, 0)::DOUBLE / 3 AS orders_per_month,
       over(o.project_orders, p.projects) AS orders_per_project,
       over(d.gap_days, d.gaps) AS days_between_purchases,
       over(o.digital_orders, o.channel_orders) AS digital_order_share,
       over(w.days / 365.25, w.joined) AS partnership_years,
       w.active_partners::DOUBLE AS active_partners,
       w.new_partners::DOUBLE AS new_partners,
       over(w.partners_left, w.partners_before) AS partner_churn_rate
FROM grid g
JOIN quarters ON number = g.q
LEFT JOIN order_parts o USING (q, scope, entity)
LEFT JOIN order_parts y ON y.scope = g.scope AND y.entity = g.entity AND y.q = g.q - 4
LEFT JOIN order_parts whole ON whole.scope = 'company' AND whole.q = g.q
LEFT JOIN customer_parts c ON c.scope = g.scope AND c.entity = g.entity AND c.q = g.q
LEFT JOIN retention_parts r ON r.scope = g.scope AND r.entity = g.entity AND r.q = g.q
LEFT JOIN gap_parts d ON d.scope = g.scope AND d.entity = g.entity AND d.q = g.q
LEFT JOIN project_parts p ON p.scope = g.scope AND p.entity = g.entity AND p.q = g.q
LEFT JOIN acquired_parts a ON a.scope = g.scope AND a.entity = g.entity AND a.q = g.q
LEFT JOIN partner_parts w ON w.scope = g.scope AND w.entity = g.entity AND w.q = g.q;
