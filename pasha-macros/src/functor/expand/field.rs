//! One field of a functor as a functor: its state, and calls that give a result.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Member, Path};

use super::local;
use crate::functor::model::{Field, Part};
use crate::place;

pub(super) fn state_type(field: &Field<'_>) -> TokenStream {
    let (ty, span, p) = (field.ty(), span(field), alias(field));
    match field.part() {
        Part::Along(_) => quote!(()),
        _ => quote_spanned!(span=> <#ty as #p::Functor>::State),
    }
}

/// The number of items, as a result.
pub(super) fn items(field: &Field<'_>, place: &TokenStream) -> TokenStream {
    let (span, p) = (span(field), alias(field));
    match field.part() {
        Part::Along(axis) => quote_spanned!(span=> #p::AxisFunctor::items_along(#place, #axis)),
        _ => quote_spanned!(span=> #p::Functor::items(#place)),
    }
}

/// A new state, as a result.
pub(super) fn state(field: &Field<'_>, place: &TokenStream) -> TokenStream {
    let (span, p) = (span(field), alias(field));
    match field.part() {
        Part::Along(_) => quote!(::core::result::Result::Ok(())),
        _ => quote_spanned!(span=> #p::Functor::state(#place)),
    }
}

/// A new state, once it can be had.
pub(super) fn state_value(field: &Field<'_>, place: &TokenStream) -> TokenStream {
    let state = state(field, place);
    match field.part() {
        Part::Along(_) => quote!(()),
        _ => quote!(#state?),
    }
}

/// The item at the index, as a result.
pub(super) fn item(field: &Field<'_>, place: &TokenStream, state: TokenStream) -> TokenStream {
    let (span, p) = (span(field), alias(field));
    let index = local("__index");
    match field.part() {
        Part::Along(axis) => quote_spanned!(span=> #p::AxisFunctor::item_along(#place, #axis, #index)),
        _ => quote_spanned!(span=> #p::Functor::item(#place, #state, #index)),
    }
}

/// The visit of a share, as a result.
pub(super) fn visit(field: &Field<'_>, place: &TokenStream, state: TokenStream) -> TokenStream {
    let (span, p) = (span(field), alias(field));
    let (share, each) = (local("__share"), local("__each"));
    match field.part() {
        Part::Along(axis) => quote_spanned!(span=> #p::AxisFunctor::visit_along(#place, #axis, #share, #each)),
        _ => quote_spanned!(span=> #p::Functor::visit(#place, #state, #share, #each)),
    }
}

pub(super) fn of_self(field: &Field<'_>) -> TokenStream {
    let member = &field.member;
    quote!(&self.#member)
}

/// The field's name as it stands in messages.
pub(super) fn text(field: &Field<'_>) -> String {
    match &field.member {
        Member::Named(name) => name.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

/// Names there are ours, errors are at the type of the field.
pub(super) fn span(field: &Field<'_>) -> Span {
    place::mixed(field.ty().span())
}

fn alias(field: &Field<'_>) -> Path {
    place::alias(span(field))
}
