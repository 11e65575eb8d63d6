//! An enum of functors: whichever variant there is.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{WherePredicate, parse_quote};

use super::{Body, Expansion, field, local};
use crate::functor::model::{Choice, Shape};

impl Expansion<'_, '_> {
    pub(super) fn choice(&self, choices: &[Choice<'_, '_>]) -> Body {
        let functor = local("__functor");
        let place = quote!(#functor);
        let (own_state, any_state) = (local("__own"), local("__state"));
        let items = choices.iter().map(|choice| {
            let pattern = pattern(choice);
            let items = field::items(choice.functor, &place);
            quote!(#pattern => #items,)
        });
        let make_state = choices.iter().enumerate().map(|(position, choice)| {
            let pattern = pattern(choice);
            let state = field::state_value(choice.functor, &place);
            let state = either(position, choices.len(), state);
            quote!(#pattern => ::core::result::Result::Ok(#state),)
        });
        let make_item = choices.iter().enumerate().map(|(position, choice)| {
            let pattern = pattern(choice);
            let state = either(position, choices.len(), quote!(#own_state));
            let item = field::item(choice.functor, &place, quote!(#own_state));
            quote!((#pattern, #state) => #item,)
        });
        let otherwise = (choices.len() > 1).then(|| quote!(_ => __p::state_of_another_variant(),));
        let states = choices.iter().map(|choice| field::state_type(choice.functor));
        let state = states.rev().reduce(|rest, first| quote!(__p::Either<#first, #rest>));
        let first = choices.first().map(|choice| choice.functor.ty());
        Body {
            item: quote!(__p::Item<'__item, #first>),
            state: quote!(#state),
            items: quote!(match self { #(#items)* }),
            make_state: quote!(match self { #(#make_state)* }),
            make_item: quote!(match (self, #any_state) { #(#make_item)* #otherwise }),
        }
    }

    /// That the items of all variants are those of the first, where type parameters leave it open.
    pub(super) fn predicates_of_choice(&self) -> Vec<WherePredicate> {
        let Shape::Choice(choices) = self.source.shape() else {
            return Vec::new();
        };
        let [first, others @ ..] = choices.as_slice() else {
            return Vec::new();
        };
        let first = first.functor.ty();
        let others = others.iter().map(|choice| choice.functor.ty());
        let open = others.filter(|other| self.has_type_parameter(first) || self.has_type_parameter(other));
        let predicates = open.map(|other| {
            parse_quote! {
                #other: for<'__x> __p::Items<'__x, Item = __p::Item<'__x, #first>>
            }
        });
        predicates.collect()
    }
}

/// `Either::B(Either::A(inner))` for the second of three.
fn either(position: usize, of: usize, inner: TokenStream) -> TokenStream {
    let is_last = position + 1 == of;
    let innermost = if is_last { inner } else { quote!(__p::Either::A(#inner)) };
    (0..position).fold(innermost, |inner, _| quote!(__p::Either::B(#inner)))
}

fn pattern(choice: &Choice<'_, '_>) -> TokenStream {
    let variant = &choice.variant.original.ident;
    let member = &choice.functor.member;
    let name = local("__functor");
    quote!(Self::#variant { #member: #name, .. })
}
