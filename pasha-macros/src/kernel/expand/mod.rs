//! The code written for a kernel: its function, its struct, and what makes the struct a kernel.

mod alloc;
mod array;
mod bind;
mod demands;
mod place;
mod stand_in;
mod structure;
mod takes;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, GenericParam, Generics, Ident, Lifetime, Path, Type, parse_quote};

use super::model::{Field, Kernel, Parameter};
use crate::{crate_path, generics, lifetimes, types};

/// The expansion of a kernel without mistakes.
pub(crate) fn kernel(kernel: &Kernel<'_>, krate: Option<&Path>) -> TokenStream {
    let expansion = Expansion::new(kernel, krate);
    let bind = expansion.bind_impl();
    let takes = expansion.takes_impl();
    let given = expansion.params_are_given();
    expansion.assemble(quote!(#bind #takes #given))
}

/// What stands in for a kernel with mistakes, so that its uses are not reported as well: every
/// field is there, and every item fits.
pub(crate) fn fallback(kernel: &Kernel<'_>, krate: Option<&Path>) -> TokenStream {
    let expansion = Expansion::new(kernel, krate);
    let stand_in = expansion.stand_in_impls();
    expansion.assemble(stand_in)
}

struct Expansion<'k, 'a> {
    kernel: &'k Kernel<'a>,
    /// `::pasha::__private`
    private: Path,
    /// What the arrays are lent to the struct for.
    loan: Lifetime,
    /// Those of the struct, with a parameter for the closure behind each scratch.
    generics: Generics,
    /// `cfg` of the function, which holds for all of the expansion.
    conditions: Vec<&'a Attribute>,
}

impl<'k, 'a> Expansion<'k, 'a> {
    fn new(kernel: &'k Kernel<'a>, krate: Option<&Path>) -> Self {
        let loan = lifetimes::named("'__k");
        let mut generics = generics::restrict(kernel.generics(), &kernel.field_names);
        if kernel.fields().any(Field::is_lent) {
            generics.params.insert(0, parse_quote!(#loan));
        }
        let unknown = kernel.fields().filter(|field| !field.is_spellable());
        generics.params.extend(unknown.map(|field| -> GenericParam {
            let any = any_ident(field);
            parse_quote!(#any)
        }));
        generics.params.extend(kernel.fields().filter_map(|field| -> Option<GenericParam> {
            let made = lent(field.made_by_closure()?, &loan);
            let maker = maker_ident(field);
            Some(parse_quote! {
                #maker: ::core::ops::Fn() -> #made + ::core::marker::Sync = fn() -> #made
            })
        }));
        let is_cfg = |attr: &&Attribute| attr.path().is_ident("cfg");
        Expansion {
            private: crate_path::private(krate),
            loan,
            generics,
            conditions: kernel.function.attrs.iter().filter(is_cfg).collect(),
            kernel,
        }
    }

    fn assemble(&self, impls: TokenStream) -> TokenStream {
        let function = self.kernel.function;
        let structure = self.structure();
        let allocs = self.alloc_impl();
        let (private, conditions) = (&self.private, &self.conditions);
        let mut allowed = Vec::new();
        if function.attrs.iter().any(|attr| attr.path().is_ident("deprecated")) {
            allowed.push(quote!(deprecated));
        }
        if self.demands().next().is_some() {
            allowed.extend([quote!(trivial_bounds), quote!(unused_qualifications)]);
        }
        if self.kernel.generics().lifetimes().next().is_some() {
            allowed.push(quote!(single_use_lifetimes));
        }
        let allow = (!allowed.is_empty()).then(|| quote!(#[allow(#(#allowed),*)]));
        let owed = self.owed_to_the_signature();
        quote! {
            #[allow(#(#owed),*)]
            #function

            #structure

            #(#conditions)*
            #allow
            const _: () = {
                use #private as __p;
                #allocs
                #impls
            };
        }
    }
}

impl Expansion<'_, '_> {
    /// What could be said of the function's parameters, which are not for its author to choose.
    fn owed_to_the_signature(&self) -> Vec<TokenStream> {
        let parameters = self.kernel.parameters.iter().map(|parameter| match parameter {
            Parameter::Item(item) => types::peel(&item.ty),
            Parameter::Field(field) => types::peel(&field.original.ty),
        });
        let (mut of_values, mut of_lists, mut of_references) = (false, false, false);
        for ty in parameters {
            match ty {
                Type::Reference(reference) => {
                    of_lists |=
                        matches!(types::peel(&reference.elem), Type::Path(_)) && !types::is_plain(&reference.elem);
                    of_references |= reference.mutability.is_none() && types::is_sized(&reference.elem);
                }
                ty => of_values |= !types::is_plain(ty),
            }
        }
        let mut owed = vec![quote!(clippy::too_many_arguments)];
        owed.extend(of_values.then(|| quote!(clippy::needless_pass_by_value)));
        owed.extend(of_lists.then(|| quote!(clippy::ptr_arg)));
        owed.extend(of_references.then(|| quote!(clippy::trivially_copy_pass_by_ref)));
        owed
    }
}

/// The type of a field that is lent for as long as the arrays are.
fn lent(ty: &Type, loan: &Lifetime) -> Type {
    lifetimes::rewrite(ty, |written| match written {
        None => Some(loan.clone()),
        Some(_) => None,
    })
}

/// `(a, (b, ()))`
fn nested(parts: impl Iterator<Item = TokenStream>) -> TokenStream {
    let parts: Vec<_> = parts.collect();
    let parts = parts.into_iter();
    parts.rfold(quote!(()), |rest, part| quote!((#part, #rest)))
}

/// The type parameter of the closure behind a scratch.
fn maker_ident(field: &Field<'_>) -> Ident {
    format_ident!("__Make{}", camel(field))
}

/// The type parameter of a field whose type cannot be written.
fn any_ident(field: &Field<'_>) -> Ident {
    format_ident!("__Any{}", camel(field))
}

fn camel(field: &Field<'_>) -> String {
    let name = field.name.unraw().to_string();
    let capitalized = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).collect::<String>()
    };
    name.split('_').map(capitalized).collect()
}
