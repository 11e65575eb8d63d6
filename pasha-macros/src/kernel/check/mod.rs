//! The rules of a kernel's signature.

mod fields;
mod order;
mod output;

use syn::visit::Visit;
use syn::{FnArg, GenericParam, TypeImplTrait};

pub(crate) use self::output::output_stands;
use super::model::Kernel;
use crate::errors::Errors;
use crate::generics::Names;

/// Reports everything in the signature that a kernel cannot have.
pub(crate) fn check(kernel: &Kernel<'_>, errors: &mut Errors) {
    check_qualifiers(kernel, errors);
    check_attributes(kernel, errors);
    check_receiver(kernel, errors);
    check_impl_trait(kernel, errors);
    order::check_leading(kernel, errors);
    order::check_items(kernel, errors);
    fields::check_fields(kernel, errors);
    check_generics(kernel, errors);
    output::check_output(kernel, errors);
}

fn check_qualifiers(kernel: &Kernel<'_>, errors: &mut Errors) {
    let sig = &kernel.function.sig;
    if let Some(word) = &sig.asyncness {
        errors.at(word, "a kernel is called directly, nothing would await it: remove `async`");
    }
    if let Some(word) = &sig.unsafety {
        errors.at(
            word,
            "pasha cannot know what an unsafe kernel relies on: remove `unsafe`, \
             and put `unsafe` blocks in the body",
        );
    }
    if let Some(abi) = &sig.abi {
        errors.at(abi, "a kernel is called from Rust: remove `extern`");
    }
    if let Some(dots) = &sig.variadic {
        errors.at(dots, "a kernel has a fixed number of parameters: remove `...`");
    }
}

fn check_attributes(kernel: &Kernel<'_>, errors: &mut Errors) {
    let attrs = kernel.function.attrs.iter();
    for attr in attrs.filter(|attr| attr.path().is_ident("target_feature")) {
        errors.at(
            attr,
            "a kernel is called by code that does not have the feature: \
             put `#[target_feature]` on a function that the kernel calls",
        );
    }
}

fn check_receiver(kernel: &Kernel<'_>, errors: &mut Errors) {
    if let Some(receiver) = kernel.function.sig.receiver() {
        errors.at(receiver, "a kernel is a free function: take what it needs of `self` as a `#[param]`");
    }
}

fn check_impl_trait(kernel: &Kernel<'_>, errors: &mut Errors) {
    struct Finder<'e>(&'e mut Errors, &'static str);
    impl Visit<'_> for Finder<'_> {
        fn visit_type_impl_trait(&mut self, found: &TypeImplTrait) {
            self.0.at(found, self.1);
        }
    }
    let parameter = "write a type parameter: the kernel's struct has to name the type";
    for input in &kernel.function.sig.inputs {
        Finder(errors, parameter).visit_fn_arg(input);
    }
    let output = "write the type itself: the kernel's traits have to name it";
    Finder(errors, output).visit_return_type(&kernel.function.sig.output);
}

fn check_generics(kernel: &Kernel<'_>, errors: &mut Errors) {
    let parameters = kernel.function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => Some(&*input.ty),
        FnArg::Receiver(_) => None,
    });
    let used = Names::in_types(kernel.generics(), parameters);
    for param in &kernel.generics().params {
        if used.has(param) {
            continue;
        }
        let message = "neither the item nor a parameter with an attribute uses this: remove it, \
                       nothing would say what it is";
        match param {
            GenericParam::Lifetime(_) => {}
            GenericParam::Type(param) => errors.at(&param.ident, message),
            GenericParam::Const(param) => errors.at(&param.ident, message),
        }
    }
}

/// What is wrong with a view written `ArrayView1<T>`.
fn no_lifetime(view: &str) -> String {
    format!("write the lifetime of the view: `{view}<'_, …>`")
}
