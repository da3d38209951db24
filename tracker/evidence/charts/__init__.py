"""The data of the charts, made from frames and results; the report draws them."""
