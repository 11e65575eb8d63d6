//! The item of a struct: a struct of the items of its fields.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Generics, Lifetime, Member, Type, WherePredicate, parse_quote};

use super::{Expansion, field};
use crate::functor::model::{Field, Part};
use crate::generics::{self, Names};
use crate::{crate_path, lifetimes};

impl Expansion<'_, '_> {
    /// All its lifetimes become one: what a functor borrows outlives the functor, which outlives
    /// the item.
    pub(super) fn item_struct(&self, fields: &[&Field<'_>]) -> TokenStream {
        let item = lifetimes::named("'item");
        let p = &self.private;
        let (name, vis) = (self.item_name(), &self.source.original.vis);
        let generics = self.item_generics(fields, &item);
        let where_clause = &generics.where_clause;
        let declared = fields.iter().map(|field| {
            let docs = field_docs(field);
            let member = match &field.member {
                Member::Named(name) => Some(quote!(#name:)),
                Member::Unnamed(_) => None,
            };
            let ty = with_lifetime(field.ty(), &item);
            let ty = match field.part() {
                Part::Whole | Part::Single => quote!(&#item #ty),
                _ => {
                    let p = crate_path::at(p, field.ty().span());
                    quote_spanned!(field::span(field)=> #p::Item<#item, #ty>)
                }
            };
            quote!(#docs pub #member #ty)
        });
        let is_named = fields.iter().any(|field| matches!(field.member, Member::Named(_)));
        let body =
            if is_named { quote!(#where_clause { #(#declared,)* }) } else { quote!((#(#declared,)*) #where_clause;) };
        let doc = format!(" One item of `{}`.", self.source.name().unraw());
        quote! {
            #[doc = #doc]
            #[allow(dead_code, missing_debug_implementations)]
            #vis struct #name #generics #body
        }
    }

    /// The item's lifetime, and of the functor's generics what the item's fields use.
    pub(super) fn item_generics(&self, fields: &[&Field<'_>], item: &Lifetime) -> Generics {
        let original = &self.source.original.generics;
        let types: Vec<Type> = fields.iter().map(|field| with_lifetime(field.ty(), item)).collect();
        let mut generics = generics::restrict(original, &Names::in_types(original, &types));
        let outlive = generics.type_params().map(|param| -> WherePredicate {
            let ident = &param.ident;
            parse_quote!(#ident: #item)
        });
        let outlive: Vec<_> = outlive.collect();
        let fields = fields.iter().zip(&types);
        let demands = fields.filter_map(|(field, ty)| self.demands_of_item(field, ty));
        generics.make_where_clause().predicates.extend(outlive.into_iter().chain(demands));
        generics.params.insert(0, parse_quote!(#item));
        generics
    }
}

/// The type with the item's lifetime wherever it has one of its own.
fn with_lifetime(ty: &Type, item: &Lifetime) -> Type {
    lifetimes::rewrite(ty, |written| match written {
        Some(lifetime) if lifetime.ident == "static" => None,
        _ => Some(item.clone()),
    })
}

fn field_docs(field: &Field<'_>) -> TokenStream {
    let docs: Vec<_> = field.docs().collect();
    if !docs.is_empty() {
        return quote!(#(#docs)*);
    }
    let name = field::text(field);
    let doc = match field.part() {
        Part::Whole | Part::Single => format!(" All of `{name}`, the same with every item."),
        _ => format!(" The item of `{name}`."),
    };
    quote!(#[doc = #doc])
}
