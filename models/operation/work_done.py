"""Arbejdets ende: what follows when an order is done or dropped, by its kind.

A rule looks at the order's state, and is harmless when repeated. Who orders work adds its rule here.
"""

from collections.abc import Callable

from sqlmodel import Session

from models.operation.check_answer import close_own_check
from models.operation.incident_end import when_repair_ends
from models.operation.inspection_work import end_mending, end_visit
from models.operation.work_order import WorkKind, WorkOrder
from models.said import Said

WHEN_IT_ENDS: dict[WorkKind, tuple[Callable[[Session, WorkOrder, Said], None], ...]] = {
    WorkKind.OWN_TASK: (close_own_check,),
    WorkKind.INSPECTION: (end_visit,),
    WorkKind.VISIT: (end_visit,),
    WorkKind.DEFECT: (end_mending,),
    WorkKind.REPAIR: (when_repair_ends,),
}
