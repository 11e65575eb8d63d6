//! How a functor is sent to workers that were forked before it was made: its fields, packed, and the literal that makes it of them again.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Member};

use super::{Expansion, field, local};
use crate::functor::model::{Body, Field, Part};
use crate::place;

impl Expansion<'_, '_> {
    pub(super) fn sent(&self) -> TokenStream {
        let parcel = local("__parcel");
        let packed = match &self.source.body {
            Body::Struct(fields) => arm(&quote!(Self), fields),
            Body::Enum(variants) => {
                let arms = variants.iter().map(|variant| {
                    let name = &variant.original.ident;
                    arm(&quote!(Self::#name), &variant.fields)
                });
                quote!(#(#arms)*)
            }
            Body::Union => TokenStream::new(),
        };
        quote! {
            fn pack(&self, #parcel: &mut __p::Parcel<'_>) -> ::core::option::Option<__p::Packed<Self>> {
                match self { #packed }
            }
            fn pack_boxed(
                &self,
                #parcel: &mut __p::Parcel<'_>,
            ) -> ::core::option::Option<__p::Packed<::std::boxed::Box<Self>>> {
                __p::boxed(self, #parcel)
            }
        }
    }
}

/// The functor that is `path` with these fields. What the literal is made of is kept nowhere else, so that `build` may have it.
fn arm(path: &TokenStream, fields: &[Field<'_>]) -> TokenStream {
    let (parcel, sent) = (local("__parcel"), local("__sent"));
    let names: Vec<Ident> = (0..fields.len()).map(|position| local(&format!("__{position}"))).collect();
    let members: Vec<&Member> = fields.iter().map(|field| &field.member).collect();
    let pieces = fields.iter().zip(&names).map(|(field, name)| piece(field, name));
    let pieces = pieces.rev().fold(quote!(()), |rest, piece| quote!((#piece, #rest)));
    let pattern = names.iter().rev().fold(quote!(()), |rest, name| quote!((#name, #rest)));
    let literal = quote!(#path { #(#members: #names),* });
    quote! {
        #literal => {
            let #sent = __p::Derived::of(self).pack(#parcel, #pieces)?;
            unsafe { #parcel.build(#sent, |#pattern| #literal) }
        }
    }
}

fn piece(field: &Field<'_>, value: &Ident) -> TokenStream {
    let span = field::span(field);
    let p = place::alias(span);
    match field.part() {
        Part::Item => quote_spanned!(span=> #p::Part(#value)),
        Part::Along(_) => quote_spanned!(span=> #p::PartAlong(#value)),
        Part::Whole | Part::Single | Part::Nothing => {
            let text = field::text(field);
            quote_spanned!(span=> #p::Rest(#text, #p::Way::of(#value).find(), #value))
        }
    }
}
