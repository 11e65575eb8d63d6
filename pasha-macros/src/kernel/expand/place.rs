//! Where the tokens written for a field are: at the part of its type that the compiler is to blame.

use proc_macro2::Span;
use syn::spanned::Spanned;

use crate::kernel::model::Field;
use crate::kernel::slot::Slot;
pub(super) use crate::place::{alias, mixed};

pub(super) fn of_slot(slot: &Slot<'_>) -> Span {
    mixed(slot.blame().span())
}

pub(super) fn of_field(field: &Field<'_>) -> Span {
    match field.slot() {
        Some(slot) => of_slot(slot),
        None => mixed(field.original.ty.span()),
    }
}
