//! `alloc_x` for each output `x`: an array of the type that the kernel declares.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{GenericParam, Generics};

use super::array::Axes;
use super::{Expansion, lent, place};
use crate::kernel::model::{Field, Kind};
use crate::kernel::slot::Slot;

impl Expansion<'_, '_> {
    pub(super) fn alloc_impl(&self) -> TokenStream {
        let spellable = self.kernel.fields().filter(|field| field.is_spellable());
        let outputs = spellable.filter_map(|field| Some((field, field.slot()?)));
        let methods: Vec<_> = outputs.map(|(field, slot)| self.alloc(field, slot)).collect();
        if methods.is_empty() {
            return TokenStream::new();
        }
        let mut generics = self.without_makers();
        generics.make_where_clause().predicates.extend(self.demands_of_slots());
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let name = self.kernel.name();
        let arguments = self.arguments_without_makers();
        quote! {
            #[allow(dead_code, non_snake_case)]
            impl #impl_generics #name #arguments #where_clause {
                #(#methods)*
            }
        }
    }

    fn alloc(&self, field: &Field<'_>, slot: &Slot<'_>) -> TokenStream {
        let p = place::alias(place::of_slot(slot));
        let per_worker = matches!(field.kind, Kind::PerWorker(_));
        let axes = match &field.kind {
            Kind::Out(..) if !field.kind.is_ranges() => Axes::OneMore,
            _ => Axes::Slot,
        };
        let (elem, dim) = self.array(slot, &p, axes);
        let layout = per_worker.then(|| quote!(, #p::PerWorkerAxis));
        let per_worker = per_worker.then(|| quote!(.per_worker()));
        let vis = &self.kernel.function.vis;
        let method = format_ident!("alloc_{}", field.name);
        let name = field.name.unraw();
        let doc = format!(" Starts an array to bind to `{name}`, which says its element type and rank.");
        quote! {
            #[doc = #doc]
            #vis fn #method(ctx: &#p::Context, shape: impl #p::Shape<Dim = #dim>) -> #p::Builder<#elem, #dim #layout> {
                ctx.alloc().shape(shape)#per_worker
            }
        }
    }

    fn without_makers(&self) -> Generics {
        let mut generics = self.generics.clone();
        generics.params = generics.params.into_iter().filter(|param| !is_maker(param)).collect();
        generics
    }

    /// The struct's generic arguments with a plain function pointer for each closure, so that
    /// nobody has to name one.
    fn arguments_without_makers(&self) -> TokenStream {
        let mut made = self.kernel.fields().filter_map(Field::made_by_closure);
        let params = self.generics.params.iter();
        let arguments = params.map(|param| match param {
            GenericParam::Lifetime(param) => {
                let lifetime = &param.lifetime;
                quote!(#lifetime)
            }
            GenericParam::Type(_) if is_maker(param) => {
                let made = made.next().map(|made| lent(made, &self.loan));
                quote!(fn() -> #made)
            }
            GenericParam::Type(param) => {
                let ident = &param.ident;
                quote!(#ident)
            }
            GenericParam::Const(param) => {
                let ident = &param.ident;
                quote!(#ident)
            }
        });
        quote!(<#(#arguments),*>)
    }
}

/// Whether it is the type of a closure: only those have a default.
pub(super) fn is_maker(param: &GenericParam) -> bool {
    matches!(param, GenericParam::Type(param) if param.default.is_some())
}
