"""Names and classes of FDA's product codes (openFDA device/classification). See docs/sources/classifications.md."""

from include.postmarket.model.tables import CLASSIFICATIONS
from include.postmarket.sources import cells, public_lists
from include.postmarket.sources.openfda_endpoint import Endpoint
from include.postmarket.sources.records import Field, Layout

LAYOUT = Layout(
    table=CLASSIFICATIONS,
    fields=(
        Field(column="product_code", names=("product_code",), read=cells.text, needed=True),
        Field(column="device_name", names=("device_name",), read=cells.text, needed=True),
        Field(column="device_class", names=("device_class",), read=cells.text),
        Field(column="specialty", names=("medical_specialty_description",), read=cells.text),
        Field(column="regulation_number", names=("regulation_number",), read=cells.text),
        Field(column="implant", names=("implant_flag",), read=cells.text),
        Field(column="life_sustaining", names=("life_sustain_support_flag",), read=cells.text),
    ),
)

SHAPE = public_lists.shape(Endpoint(path="device/classification"), LAYOUT)
