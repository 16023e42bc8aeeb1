"""From typed tables to the KPI table: calendar, cube, comparisons, slices."""
