"""The charts of the page and of notebooks, drawn with Plotly from the data of the evidence."""
