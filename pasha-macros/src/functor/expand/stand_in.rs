//! Impls for a type that is no functor: it can be mapped over, and has no items.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse_quote;

use super::Expansion;

impl Expansion<'_, '_> {
    pub(super) fn stand_in(&self) -> TokenStream {
        let original = self.source.original;
        let (name, vis, private) = (self.source.name(), &original.vis, &self.private);
        let mut generics = original.generics.clone();
        generics.make_where_clause().predicates.push(parse_quote!(Self: ::core::marker::Sync));
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let mut with_item = generics.clone();
        with_item.params.insert(0, parse_quote!('__item));
        let (item_generics, _, _) = with_item.split_for_impl();
        let item = self.item_name();
        quote! {
            #[allow(missing_docs, dead_code)]
            #vis struct #item<'item>(::core::marker::PhantomData<&'item ()>);

            const _: () = {
                use #private as __p;
                impl #item_generics __p::Items<'__item> for #name #ty_generics #where_clause {
                    type Item = #item<'__item>;
                }
                impl #impl_generics __p::Functor for #name #ty_generics #where_clause {
                    type State = ();
                    fn items(&self) -> __p::Result<usize> {
                        loop {}
                    }
                    fn state(&self) -> __p::Result<()> {
                        loop {}
                    }
                    fn item<'__a>(&'__a self, _: &'__a mut (), _: usize) -> __p::Result<__p::Item<'__a, Self>> {
                        loop {}
                    }
                }
            };
        }
    }
}
