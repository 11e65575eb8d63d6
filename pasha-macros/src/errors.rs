//! The collector of all errors of one expansion, so that a user sees every mistake at once.

use std::fmt::Display;

use proc_macro2::Span;
use quote::ToTokens;

/// Mistakes found so far. Dropping it without [`Errors::into_result`] is a bug and panics.
pub(crate) struct Errors {
    found: Option<Vec<syn::Error>>,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Errors { found: Some(Vec::new()) }
    }

    /// Reports a mistake in `tokens`; the whole of them is underlined.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Reports a mistake in a place that has no tokens of its own.
    pub(crate) fn at_span(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.found.as_mut().expect("errors are only taken out by value").push(error);
    }

    /// All mistakes as one error.
    pub(crate) fn into_result(mut self) -> syn::Result<()> {
        let found = self.found.take().unwrap_or_default();
        match found.into_iter().reduce(|mut all, next| {
            all.combine(next);
            all
        }) {
            Some(all) => Err(all),
            None => Ok(()),
        }
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        if self.found.is_some() && !std::thread::panicking() {
            panic!("errors were collected and not looked at");
        }
    }
}
