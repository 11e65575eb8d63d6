//! Where in the user's source generated tokens are: what the compiler underlines.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Ident, Path};

use crate::kernel::model::Field;
use crate::kernel::slot::Slot;

/// Names there are ours, errors there are the user's.
pub(super) fn mixed(place: Span) -> Span {
    Span::mixed_site().located_at(place)
}

pub(super) fn of_slot(slot: &Slot<'_>) -> Span {
    mixed(slot.blame().span())
}

pub(super) fn of_field(field: &Field<'_>) -> Span {
    match field.slot() {
        Some(slot) => of_slot(slot),
        None => mixed(field.original.ty.span()),
    }
}

/// The name that the impls have for the module of ours.
pub(super) fn alias(span: Span) -> Path {
    Ident::new("__p", span).into()
}
