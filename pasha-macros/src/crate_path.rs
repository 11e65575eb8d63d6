//! Where the expansion finds pasha: `::pasha`, or what the option `crate = path` says.

use proc_macro2::Span;
use syn::{Ident, Path, PathSegment, Token};

/// The path of the module that generated code takes all its names from.
pub(crate) fn private(given: Option<&Path>) -> Path {
    let mut path = given.cloned().unwrap_or_else(|| Path {
        leading_colon: Some(Token![::](Span::call_site())),
        segments: [segment("pasha")].into_iter().collect(),
    });
    path.segments.push(segment("__private"));
    path
}

fn segment(name: &str) -> PathSegment {
    Ident::new(name, Span::call_site()).into()
}
