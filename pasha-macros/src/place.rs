//! Where in the user's source generated tokens are: what the compiler underlines.

use proc_macro2::Span;
use syn::{Ident, Path};

/// Names there are ours, errors there are the user's.
pub(crate) fn mixed(place: Span) -> Span {
    Span::mixed_site().located_at(place)
}

/// The name that the impls have for the module of ours.
pub(crate) fn alias(span: Span) -> Path {
    Ident::new("__p", span).into()
}
