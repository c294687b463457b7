"""A preview of what starting to sign would send: the recipients, and the draft's document with its values."""

from domain.contracts.drafting.template_filling import inputs_of, parts_of, try_to_fill
from domain.contracts.drafting.templates import Template
from domain.contracts.signing.model import Party
from domain.contracts.terms import ContractTerms
from domain.shared.masking import mask_id, mask_phone
from domain.shared.model import Model


class PreviewedField(Model):
    key: str
    values: tuple[str, ...]
    required: bool
    invalid: bool
    """The template does not offer this value."""


class SigningPreview(Model):
    template_no: str
    template_name: str
    recipients: tuple[Party, ...]
    """In signing order."""
    fields: tuple[PreviewedField, ...]
    """In the order of the template; personal numbers are masked."""
    unknown: tuple[str, ...]
    """Values that the template has no field for."""


def preview_of(template: Template, name: str, terms: ContractTerms, recipients: tuple[Party, ...]) -> SigningPreview:
    _, mismatches = try_to_fill(template, terms)
    inputs = inputs_of(_masked(terms))
    return SigningPreview(
        template_no=template.template_no,
        template_name=name,
        recipients=recipients,
        fields=tuple(
            PreviewedField(
                key=key,
                values=tuple(parts_of(inputs.get(key, ""))),
                required=field.required,
                invalid=key in mismatches.invalid,
            )
            for key, field in template.fillable().items()
        ),
        unknown=tuple(mismatches.unknown),
    )


def _masked(terms: ContractTerms) -> ContractTerms:
    phones = {name: mask_phone(getattr(terms, name)) for name in ("customer_phone", "worker_phone")}
    cards = {name: mask_id(getattr(terms, name)) for name in ("customer_id_card", "worker_id_card")}
    return terms.with_terms({name: value for name, value in (phones | cards).items() if getattr(terms, name)})
