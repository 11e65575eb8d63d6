//! What a kernel returns.

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Lifetime, ParenthesizedGenericArguments, TypeBareFn, TypeReference};

use crate::errors::Errors;
use crate::generics::Names;
use crate::kernel::model::Kernel;
use crate::types;

/// What a kernel returns outlives the call, so it borrows neither from the item nor an output.
pub(super) fn check_output(kernel: &Kernel<'_>, errors: &mut Errors) {
    struct Borrows<'e, 'k, 'a>(&'e mut Errors, &'k Kernel<'a>);
    impl Borrows<'_, '_, '_> {
        fn report(&mut self, tokens: impl ToTokens) {
            self.0.at(
                tokens,
                "a kernel returns a value, nothing borrowed: write the value's own type, \
                 or `&'static`",
            );
        }
    }
    impl Visit<'_> for Borrows<'_, '_, '_> {
        fn visit_lifetime(&mut self, lifetime: &Lifetime) {
            if lifetime.ident != "static" && !self.1.field_names.has_lifetime(lifetime) {
                self.report(lifetime);
            }
        }

        fn visit_type_reference(&mut self, reference: &TypeReference) {
            if reference.lifetime.is_none() {
                self.report(reference.and_token);
            }
            visit::visit_type_reference(self, reference);
        }

        fn visit_type_bare_fn(&mut self, _: &TypeBareFn) {}

        fn visit_parenthesized_generic_arguments(&mut self, _: &ParenthesizedGenericArguments) {}
    }
    if let Some(output) = kernel.output() {
        Borrows(errors, kernel).visit_type(output);
    }
}

/// Whether the return type can be written outside of the function.
pub(crate) fn output_stands(kernel: &Kernel<'_>) -> bool {
    let mut errors = Errors::new();
    check_output(kernel, &mut errors);
    let known = |ty| {
        let names = Names::in_types(kernel.generics(), [ty]);
        types::is_nameable(ty) && kernel.field_names.cover(&names)
    };
    errors.into_result().is_ok() && kernel.output().is_none_or(known)
}
