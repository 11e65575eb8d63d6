//! The derive `Functor`: a struct or enum of functors as one.

mod attr;
mod check;
mod expand;
mod model;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::model::Source;
use crate::errors::Errors;

/// The impls for `input`, with all mistakes appended as errors.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::new();
    let source = Source::read(&input, &mut errors);
    check::check(&source, &mut errors);
    let impls = expand::source(&source);
    match errors.into_result() {
        Ok(()) => impls,
        Err(errors) => [impls, errors.into_compile_error()].into_iter().collect(),
    }
}
