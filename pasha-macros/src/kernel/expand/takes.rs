//! The impl of `Takes`: a call of the function with an item taken apart and the slots.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{FnArg, GenericParam, Generics, Ident, Lifetime, Type, parse_quote};

use super::alloc::is_maker;
use super::{Expansion, nested, place};
use crate::kernel::model::Parameter;
use crate::{generics, lifetimes};

impl Expansion<'_, '_> {
    pub(super) fn takes_impl(&self) -> TokenStream {
        let name = self.kernel.name();
        let (item, fresh) = self.item_type();
        let generics = self.item_generics(fresh);
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let (_, ty_generics, _) = self.generics.split_for_impl();
        let names = self.argument_names();
        let items = names.iter().filter(|(parameter, _)| parameter.item().is_some());
        let item_pattern = one_or_tuple(items.map(|(_, name)| quote!(#name)).collect());
        let slots = names.iter().filter(|(parameter, _)| parameter.field().is_some());
        let slots_pattern = nested(slots.map(|(_, name)| quote!(#name)));
        let [worker, index] = ["__worker", "__index"].map(|name| self.free_name(name, Span::mixed_site()));
        let output = self.output_type();
        let value = self.call(names.into_iter().map(|(_, name)| name));
        quote! {
            impl #impl_generics __p::Takes<#item> for #name #ty_generics #where_clause {
                type Output = #output;
                #[inline]
                fn call(
                    #worker: usize,
                    #index: usize,
                    #item_pattern: #item,
                    __p::Slots(#slots_pattern): __p::Slots<'_, Self::Binds>,
                ) -> Self::Output {
                    #value
                }
            }
        }
    }

    pub(super) fn output_type(&self) -> TokenStream {
        match self.kernel.output() {
            Some(result) if self.kernel.returns_result() => quote!(#result),
            Some(value) => {
                let span = place::mixed(value.span());
                let p = place::alias(span);
                quote_spanned!(span=> #p::Plain<#value>)
            }
            None => quote!(__p::Plain<()>),
        }
    }

    /// The item with a lifetime of its own for each that is elided or that the fields use too, and
    /// these lifetimes.
    fn item_type(&self) -> (TokenStream, Vec<Lifetime>) {
        let mut fresh: Vec<Lifetime> = Vec::new();
        let mut renamed: Vec<(Lifetime, Lifetime)> = Vec::new();
        let mut next = || {
            let lifetime = lifetimes::named(&format!("'__i{}", fresh.len()));
            fresh.push(lifetime.clone());
            lifetime
        };
        let mut choose = |written: Option<&Lifetime>| match written {
            None => Some(next()),
            Some(shared) if self.kernel.field_names.has_lifetime(shared) => {
                if let Some((_, to)) = renamed.iter().find(|(from, _)| from == shared) {
                    return Some(to.clone());
                }
                let to = next();
                renamed.push((shared.clone(), to.clone()));
                Some(to)
            }
            Some(_) => None,
        };
        let items = self.kernel.items();
        let types: Vec<Type> = items.map(|item| lifetimes::rewrite(&item.ty, &mut choose)).collect();
        (one_or_tuple(types.iter().map(|ty| quote!(#ty)).collect()), fresh)
    }

    /// The struct's generics, and what only the item needs.
    fn item_generics(&self, fresh: Vec<Lifetime>) -> Generics {
        let names = self.kernel.field_names.clone().union(&self.kernel.item_names);
        let mut all = generics::restrict(self.kernel.generics(), &names);
        let is_loan =
            |param: &GenericParam| matches!(param, GenericParam::Lifetime(param) if param.lifetime == self.loan);
        let own = self.generics.params.iter().filter(|param| is_loan(param) || is_maker(param));
        all.params.extend(own.cloned());
        all.params.extend(fresh.into_iter().map(|lifetime| -> GenericParam { parse_quote!(#lifetime) }));
        all.make_where_clause().predicates.extend(self.demands());
        all
    }

    /// What stands for each parameter after the first two, in the function's order.
    fn argument_names(&self) -> Vec<(&Parameter<'_>, Ident)> {
        let several = self.kernel.items().nth(1).is_some();
        let mut items = 0_usize;
        let parameters = self.kernel.parameters.iter();
        let named = parameters.map(|parameter| {
            let name = match parameter {
                Parameter::Item(item) => {
                    let span = place::mixed(item.ty.span());
                    items += 1;
                    let name = if several { format!("__item{}", items - 1) } else { "__item".to_owned() };
                    self.free_name(&name, span)
                }
                Parameter::Field(field) => {
                    let mut name = field.name.clone();
                    name.set_span(place::of_field(field));
                    name
                }
            };
            (parameter, name)
        });
        named.collect()
    }

    /// `name`, or what is like it and no field's.
    fn free_name(&self, name: &str, span: Span) -> Ident {
        let mut name = name.to_owned();
        while self.kernel.fields().any(|field| field.name.unraw() == name) {
            name.push('_');
        }
        Ident::new(&name, span)
    }

    /// The call, each argument placed at the type it has to have.
    fn call(&self, arguments: impl Iterator<Item = Ident>) -> TokenStream {
        let name = self.kernel.name();
        let leading = ["__worker", "__index"].into_iter().zip(&self.kernel.leading);
        let leading = leading.map(|(name, leading)| {
            let place = match leading.input {
                FnArg::Typed(input) => input.ty.span(),
                FnArg::Receiver(receiver) => receiver.span(),
            };
            self.free_name(name, place::mixed(place))
        });
        let arguments = leading.chain(arguments);
        let params = self.kernel.generics().params.iter();
        let types = params.filter_map(|param| match param {
            GenericParam::Lifetime(_) => None,
            GenericParam::Type(param) => Some(&param.ident),
            GenericParam::Const(param) => Some(&param.ident),
        });
        let types: Vec<_> = types.collect();
        let turbofish = (!types.is_empty()).then(|| quote!(::<#(#types),*>));
        let call = quote_spanned!(name.span()=> #name #turbofish(#(#arguments),*));
        if self.kernel.returns_result() { call } else { quote!(__p::Plain(#call)) }
    }
}

fn one_or_tuple(parts: Vec<TokenStream>) -> TokenStream {
    match parts.as_slice() {
        [one] => one.clone(),
        many => quote!((#(#many),*)),
    }
}
