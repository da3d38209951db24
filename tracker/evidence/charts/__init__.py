"""The data of the charts; drawing them is the report's part."""
