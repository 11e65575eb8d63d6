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

/// The same path, placed so that errors about what it leads to are there.
pub(crate) fn at(path: &Path, place: Span) -> Path {
    let mut path = path.clone();
    if let Some(colons) = &mut path.leading_colon {
        for colon in &mut colons.spans {
            *colon = colon.located_at(place);
        }
    }
    for segment in &mut path.segments {
        let span = segment.ident.span().located_at(place);
        segment.ident.set_span(span);
    }
    path
}

fn segment(name: &str) -> PathSegment {
    Ident::new(name, Span::call_site()).into()
}
