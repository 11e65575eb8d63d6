//! The attribute `#[kernel]`: a function and the struct that binds it to its arrays.

mod attr;
mod check;
mod expand;
mod function;
mod model;
mod slot;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::FnArg;

use self::attr::{KernelOptions, ParameterAttrs};
use self::function::Function;
use self::model::Kernel;
use crate::errors::Errors;

/// The expansion of `#[kernel(options)]` on `item`, with all mistakes appended as errors.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut function: Function = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let error = error.into_compile_error();
            return [item, error].into_iter().collect();
        }
    };
    let mut errors = Errors::new();
    let options = KernelOptions::parse(options, &mut errors);
    take_second_kernel(&mut function, &mut errors);
    let attrs = take_parameter_attrs(&mut function, &mut errors);
    let kernel = Kernel::read(&function, &attrs, &mut errors);
    check::check(&kernel, &mut errors);
    let krate = options.krate.as_ref();
    let is_method = function.sig.receiver().is_some();
    match errors.into_result() {
        Err(errors) if is_method => [function.into_token_stream(), errors.into_compile_error()].into_iter().collect(),
        Ok(()) => expand::kernel(&kernel, krate),
        Err(errors) => [expand::fallback(&kernel, krate), errors.into_compile_error()].into_iter().collect(),
    }
}

/// Takes off another `#[kernel]`, which would write the struct once more.
fn take_second_kernel(function: &mut Function, errors: &mut Errors) {
    function.attrs.retain(|attr| {
        let is_kernel = attr.path().segments.last().is_some_and(|last| last.ident == "kernel");
        if is_kernel {
            errors.at(attr, "this function is a kernel already: remove this attribute");
        }
        !is_kernel
    });
}

/// Takes the attributes off the parameters, which the compiler would not know.
fn take_parameter_attrs(function: &mut Function, errors: &mut Errors) -> Vec<ParameterAttrs> {
    let inputs = function.sig.inputs.iter_mut();
    inputs
        .map(|input| {
            let attrs = match input {
                FnArg::Receiver(receiver) => &mut receiver.attrs,
                FnArg::Typed(typed) => &mut typed.attrs,
            };
            let mut parsed = ParameterAttrs::parse(std::mem::take(attrs), errors);
            attrs.append(&mut parsed.kept);
            parsed
        })
        .collect()
}
