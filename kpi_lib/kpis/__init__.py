"""What each KPI means: one module a family, one declaration a KPI."""
