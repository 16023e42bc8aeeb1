"""What a KPI is declared in and counted with: fields, parts, terms, calendar, scan, cube."""
