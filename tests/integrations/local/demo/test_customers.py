"""The customers of the demonstration."""

from collections import Counter

from domain.customers.customer_query import CustomerFilter, CustomerQuery
from domain.customers.stages import Stage
from domain.shared.paging import PageRequest
from domain.shared.scope import EVERYTHING
from integrations.local.demo.customer_seed import CUSTOMERS, POOL, STAGES, seed_customers
from integrations.local.demo.staff import demo_staff
from integrations.mongo.customers.listing import MongoCustomerList
from integrations.wiring.customers import customer_repository
from integrations.wiring.infrastructure import Infrastructure


async def test_customers_of_several_owners_are_in_all_stages_and_in_the_pool_and_they_are_seeded_once(
    base: Infrastructure,  # the fixture
) -> None:
    members, _ = await demo_staff(base)

    made = await seed_customers(base, members[1:])
    again = await seed_customers(base, members[1:])

    assert (made, again) == (CUSTOMERS, 0)
    repository = customer_repository(base)
    listing, paging = MongoCustomerList(repository), PageRequest(page_size=100)
    owned = await listing.page(CustomerQuery(filter=CustomerFilter(scope=EVERYTHING, with_lost=True)), paging)
    pool = await listing.page(CustomerQuery(filter=CustomerFilter(scope=EVERYTHING, pool=True)), paging)
    await repository.close()
    assert Counter(each.contract_status for each in owned.list) == STAGES
    assert set(STAGES) == set(Stage)
    assert len({each.assigned_to for each in owned.list}) == 3
    assert (pool.total, {each.assigned_to for each in pool.list}) == (POOL, {""})
    assert all(each.created_at < base.clock.now() for each in (*owned.list, *pool.list))
