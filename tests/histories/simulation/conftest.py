from __future__ import annotations

import pytest
from tests.histories.simulation.etcd_scene import Etcd


@pytest.fixture(params=range(3))
def etcd(request: pytest.FixtureRequest) -> Etcd:
    return Etcd(seed=request.param)
