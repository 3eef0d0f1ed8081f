"""All sources: a new one is named here, in the model and in sources.yaml, and nowhere else in the package."""

from include.postmarket.model.batch import Source
from include.postmarket.sources import (
    approvals,
    classifications,
    clearances,
    complaints,
    devices,
    drug_reports,
    enforcements,
    exposure,
    performance,
    recalls,
    reports,
)
from include.postmarket.sources.shape import Shape

SHAPES: dict[Source, Shape] = {
    module.SHAPE.table.source: module.SHAPE
    for module in (
        reports,
        complaints,
        exposure,
        performance,
        recalls,
        enforcements,
        classifications,
        clearances,
        approvals,
        devices,
        drug_reports,
    )
}
