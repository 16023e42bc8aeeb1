"""How figures are said and shown: wording, tiles, tables, charts, one theme. Computes no figure."""
