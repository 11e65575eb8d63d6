//! A struct of functors: they are walked together.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Index, Member};

use super::{Body, Expansion, Visit, field, local};
use crate::functor::model::{Field, Part};
use crate::lifetimes;

impl Expansion<'_, '_> {
    pub(super) fn zipped(&self, fields: &[&Field<'_>]) -> Body {
        let name = self.item_name();
        let generics = self.item_generics(fields, &lifetimes::named("'__item"));
        let (_, arguments, _) = generics.split_for_impl();
        let counts = fields.iter().filter(|field| field.part().is_indexed());
        let counts = counts.map(|field| {
            let text = field::text(field);
            let items = field::items(field, &field::of_self(field));
            quote!((#text, #items?))
        });
        let states = || fields.iter().filter(|field| matches!(field.part(), Part::Item));
        let state_types = states().map(|field| field::state_type(field));
        let state_values = states().map(|field| field::state_value(field, &field::of_self(field)));
        let borrowed = states().map(|field| field::of_self(field));
        let [all_fields, share, each, index] = ["__fields", "__share", "__each", "__index"].map(local);
        let parts_of_self = parts(fields, |field, _| field::of_self(field));
        let parts_of_fields = parts(fields, |field, state| match state {
            Some(state) => quote!(&#all_fields.#state),
            None => field::of_self(field),
        });
        Body {
            item: quote!(#name #arguments),
            state: quote!((#(#state_types,)*)),
            items: quote!(__p::agree(&[#(#counts),*])),
            make_state: quote!(::core::result::Result::Ok((#(#state_values,)*))),
            make_item: quote!(::core::result::Result::Ok(#name { #(#parts_of_self),* })),
            visit: Visit::Loop(quote! {
                let #all_fields = (#(#borrowed,)*);
                for #index in #share {
                    if #each(#name { #(#parts_of_fields),* }).is_break() {
                        break;
                    }
                }
                ::core::result::Result::Ok(())
            }),
        }
    }
}

/// The fields of the item's literal, each of the functor at its place, which may depend on the number of its state.
fn parts(fields: &[&Field<'_>], place: impl Fn(&Field<'_>, Option<&Index>) -> TokenStream) -> Vec<TokenStream> {
    let all_states = local("__state");
    let mut states = 0..;
    let fields = fields.iter().enumerate();
    let parts = fields.map(|(position, field)| {
        // Skipped fields leave no gap in the item's tuple.
        let member = match &field.member {
            Member::Named(name) => name.clone().into(),
            Member::Unnamed(_) => Member::from(position),
        };
        match field.part() {
            Part::Item => {
                let state = states.next().map(|state: usize| Index::from(state));
                let place = place(field, state.as_ref());
                let item = field::item(field, &place, quote!(&mut #all_states.#state));
                quote!(#member: #item?)
            }
            Part::Along(_) => {
                let item = field::item(field, &place(field, None), TokenStream::new());
                quote!(#member: #item?)
            }
            Part::Whole | Part::Single | Part::Nothing => {
                let place = place(field, None);
                quote!(#member: #place)
            }
        }
    });
    parts.collect()
}
