"""Every path of the legacy system is served, or listed with the reason why it is not."""

import re

from http_api.routes.contracts import ENDPOINTS

C, M, P, T, E = "contracts", "contracts/miniprogram", "miniprogram/contracts", "training-orders", "esign"
LEGACY_PATHS = f"""
POST {C}  GET {C}  GET {C}/statistics  GET {C}/customer/*  GET {C}/worker/*  GET {C}/number/*  GET {C}/search-by-worker
GET {C}/*  GET {C}/*/esign-info  PUT {C}/*  POST {C}/*/request-deletion  DELETE {C}/*  PATCH {C}/*/assign
GET {C}/assignable-users  POST {C}/*/resend-sign-urls  POST {C}/*/reinitiate-esign  POST {C}/*/mark-refunded
POST {C}/*/download-contract  POST {C}/*/sync-esign-status  POST {C}/*/sync-insurance  GET {C}/check-customer/*
GET {C}/history/*  POST {C}/change-worker/*
GET {M}/list  GET {M}/detail/*  GET {M}/by-number/*  GET {M}/by-customer/*  GET {M}/by-worker-id/*
GET {M}/search-worker
GET {M}/check-customer/*  GET {M}/history/*  GET {M}/statistics  GET {M}/esign-info/*  GET {M}/signers-status/*
POST {M}/validate  POST {M}/create  POST {M}/initiate-signing/*  POST {M}/change-worker/*  POST {M}/sync-insurance/*
POST {M}/sync-esign-status/*  POST {M}/sync-all-esign-status  POST {M}/resend-sign-urls/*  POST {M}/withdraw/*
POST {M}/invalidate/*  POST {M}/cancel/*  PUT {M}/update/*  POST {M}/download-contract/*
GET {P}  GET {P}/*  GET {P}/*/signing-url  POST {P}/*/confirm-onboard  POST {P}/*/payment-confirm
GET contract-approvals  GET contract-approvals/my-requests  GET contract-approvals/*
POST contract-approvals/*/approve  POST contract-approvals/*/reject
GET {T}  GET {T}/*  POST {T}/*/graduate  POST {T}/*/refund  GET {T}/miniprogram/templates  GET {T}/miniprogram/list
GET {T}/miniprogram/detail/*  POST {T}/miniprogram/validate-student  POST {T}/miniprogram/create
POST {T}/miniprogram/initiate-signing/*  GET miniprogram/{T}/baobei/my-order
GET miniprogram/{T}/baobei/*/signing-url  GET miniprogram/{T}/baobei/*/status
POST miniprogram/{T}/baobei/*/payment-confirm
POST {E}/callback  GET {E}/templates  POST {E}/template/data  GET {E}/templates/*/components
GET {E}/contract-status/*  GET {E}/download-contract/*  GET {E}/preview-contract/*  POST {E}/preview-contract/*
POST {E}/withdraw-contract/*  POST {E}/invalidate-contract/*  POST {E}/cancel-contract/*
POST {E}/sync-contract-status
"""
NOT_SERVED = {
    "the browser drove the provider call by call, and a closed tab lost the contract": f"""
        POST {E}/create-contract  POST {E}/create-contract-template  POST {E}/contracts/create-with-template
        POST {E}/create-contract-flow  POST {E}/add-signers  POST {E}/add-signers-simple  POST {E}/add-stranger
        POST {E}/add-users-batch  POST {E}/templates/preview  POST {E}/check-permissions
        GET {E}/check-enterprise-permissions  POST {E}/test-notification/*
    """,
    "it answered with made-up data, or was disabled": f"""
        GET {E}/contracts  POST {E}/send-signature-request  POST {E}/sign-contract  GET {C}/latest/list
    """,
}


def paths_in(text: str) -> set[str]:
    return set(re.findall(r"[A-Z]+ \S+", text))


def test_every_legacy_path_is_served_or_listed_with_a_reason() -> None:
    served = {re.sub(r"\{\w+\}", "*", endpoint.name.replace(" /api/", " ")) for endpoint in ENDPOINTS}
    left_out = set().union(*(paths_in(text) for text in NOT_SERVED.values()))

    assert paths_in(LEGACY_PATHS) - served == set()
    assert left_out & served == set()
    assert len(paths_in(LEGACY_PATHS)) > 75
