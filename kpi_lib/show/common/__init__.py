"""What all pages share: numbers, words, charts, tables, theme, languages."""
