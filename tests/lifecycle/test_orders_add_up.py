"""What `Always` asks of orders is asked of a life that has each of their ends, and is noticed when it doesn't hold."""

from datetime import date

import pytest
from sqlalchemy import update
from sqlmodel import col

from models.database import transaction
from models.operation.work_order import WorkOrder
from models.role import Role
from tests.city import City
from tests.lifecycle.always import Always


@pytest.mark.broken("work")
def test_orders_that_end_in_every_way_add_up_and_one_that_does_not_is_noticed(city: City):
    place = city.in_operation(kr=1_000)
    city.today = date(2026, 12, 1)
    open_, dropped, cheap, dear = (city.order(place, what, kr=400) for what in ("A", "B", "C", "D"))
    city.drop(dropped)
    city.finish(cheap, kr=100)
    city.finish(dear, kr=700, by=Role.POOL_MANAGER)
    city.carry_over(2026, 0, on=date(2027, 1, 15))
    always = Always(city)

    always.every_order_adds_up_and_ends_once()

    with transaction(city.engine) as session:
        wrong = update(WorkOrder).where(col(WorkOrder.id) == open_.number).values(ore_estimated=1)
        session.connection().execute(wrong)
    with pytest.raises(AssertionError):
        always.every_order_adds_up_and_ends_once()
