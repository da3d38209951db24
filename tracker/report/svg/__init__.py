"""Plotly figures as static SVG, for the part of Plotly that the charts use."""
