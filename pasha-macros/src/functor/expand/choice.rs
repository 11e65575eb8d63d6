//! An enum of functors: whichever variant there is.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Type, WherePredicate, parse_quote};

use super::{Body, Expansion, Visit, field, local};
use crate::functor::model::{Choice, Shape};
use crate::generics::{self, Names};
use crate::{place, types};

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
        let visit = choices.iter().enumerate().map(|(position, choice)| {
            let pattern = pattern(choice);
            let state = either(position, choices.len(), quote!(#own_state));
            let visit = field::visit(choice.functor, &place, quote!(#own_state));
            quote!((#pattern, #state) => #visit,)
        });
        let otherwise = || (choices.len() > 1).then(|| quote!(_ => __p::state_of_another_variant(),));
        let (no_item, no_visit) = (otherwise(), otherwise());
        let states = choices.iter().map(|choice| field::state_type(choice.functor));
        let state = states.rev().reduce(|rest, first| quote!(__p::Either<#first, #rest>));
        let first = choices.first().map(|choice| choice.functor.ty());
        Body {
            item: quote!(__p::Item<'__item, #first>),
            state: quote!(#state),
            items: quote!(match self { #(#items)* }),
            make_state: quote!(match self { #(#make_state)* }),
            make_item: quote!(match (self, #any_state) { #(#make_item)* #no_item }),
            visit: Visit::Forward(quote!(match (self, #any_state) { #(#visit)* #no_visit })),
        }
    }

    /// That the items of all variants are those of the first. Where no type parameter leaves it open,
    /// this only keeps the compiler from repeating what [`trial`](Self::trial) says.
    pub(super) fn demands_of_choice(&self) -> Vec<WherePredicate> {
        let said = |(first, other): &(&Type, &Type)| {
            self.has_type_parameter(first) || self.has_type_parameter(other) || !self.has_lent_variant()
        };
        let pairs = self.pairs().into_iter().filter(said);
        let predicates = pairs.map(|(first, other)| {
            parse_quote! {
                #other: for<'__x> __p::Items<'__x, Item = __p::Item<'__x, #first>>
            }
        });
        predicates.collect()
    }

    /// A function that is never called: in it, items that differ are an error at the type of the field.
    pub(super) fn trial(&self) -> Option<TokenStream> {
        let closed =
            |(first, other): &(&Type, &Type)| !self.has_type_parameter(first) && !self.has_type_parameter(other);
        let pairs: Vec<_> = self.pairs().into_iter().filter(closed).collect();
        if pairs.is_empty() {
            return None;
        }
        let types = pairs.iter().flat_map(|&(first, other)| [first, other]);
        let original = &self.source.original.generics;
        let generics = generics::restrict(original, &Names::in_types(original, types));
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let calls = pairs.iter().map(|(first, other)| {
            let span = place::mixed(first.span());
            quote_spanned!(span=> variants_give_one_type_of_item::<#first, #other>();)
        });
        Some(quote! {
            fn __variants #impl_generics() #where_clause {
                fn variants_give_one_type_of_item<'x, F, G>()
                where
                    F: __p::Items<'x> + 'x,
                    G: __p::Items<'x, Item = __p::Item<'x, F>> + 'x,
                {}
                #(#calls)*
            }
        })
    }

    /// Whether a variant's functor has a lifetime, and so nothing is said of types without type parameters: a predicate for
    /// `&'a [T]` would also be one candidate for `&'b [T]`, and one for another variant would hide its items from this one.
    pub(super) fn has_lent_variant(&self) -> bool {
        match self.source.shape() {
            Shape::Choice(choices) => choices.iter().any(|choice| types::may_borrow(choice.functor.ty())),
            _ => false,
        }
    }

    /// The type of the first variant's functor with that of each other, where they are not the same.
    fn pairs(&self) -> Vec<(&Type, &Type)> {
        let Shape::Choice(choices) = self.source.shape() else {
            return Vec::new();
        };
        let types: Vec<_> = choices.iter().map(|choice| choice.functor.ty()).collect();
        let [first, others @ ..] = types.as_slice() else {
            return Vec::new();
        };
        let text = |ty: &Type| ty.to_token_stream().to_string();
        let others = others.iter().filter(|other| text(other) != text(first));
        others.map(|other| (*first, *other)).collect()
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
