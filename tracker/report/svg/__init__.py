"""Static SVG of Plotly figures, for the part of Plotly that the charts use."""
