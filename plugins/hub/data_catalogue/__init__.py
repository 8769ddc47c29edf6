"""What is in the warehouse: every model and column, what it means, and which columns of files it comes from."""

from hub.data_catalogue.store import DataCatalogue, dbt_page, read_data_catalogue, write_data_catalogue
from hub.data_catalogue.ways import Origin, OriginKind, PublishedColumn, PublishedView, Step

__all__ = [
    "DataCatalogue",
    "Origin",
    "OriginKind",
    "PublishedColumn",
    "PublishedView",
    "Step",
    "dbt_page",
    "read_data_catalogue",
    "write_data_catalogue",
]
