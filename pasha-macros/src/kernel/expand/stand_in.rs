//! Impls for a kernel with mistakes: it can be bound and mapped over anything, and does nothing.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse_quote;

use super::Expansion;
use crate::kernel::check;

impl Expansion<'_, '_> {
    pub(super) fn stand_in_impls(&self) -> TokenStream {
        let name = self.kernel.name();
        let (impl_generics, ty_generics, where_clause) = self.generics.split_for_impl();
        let mut with_item = self.generics.clone();
        with_item.params.push(parse_quote!(__Item));
        let (item_generics, _, _) = with_item.split_for_impl();
        let output = if check::output_stands(self.kernel) { self.output_type() } else { quote!(__p::Plain<()>) };
        quote! {
            impl #impl_generics __p::Kernel for #name #ty_generics #where_clause {
                type Binds = ();
                fn bind(self) -> Self::Binds {}
            }
            impl #item_generics __p::Takes<__Item> for #name #ty_generics #where_clause {
                type Output = #output;
                fn call(_: usize, _: usize, _: __Item, _: __p::Slots<'_, Self::Binds>) -> Self::Output {
                    loop {}
                }
            }
        }
    }
}
