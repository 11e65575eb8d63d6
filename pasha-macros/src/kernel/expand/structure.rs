//! The struct of a kernel: a public field for each parameter that has an attribute.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Attribute;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::array::{Axes, optional};
use super::{Expansion, any_ident, lent, maker_ident, place};
use crate::crate_path;
use crate::kernel::model::{Field, Kind, bound_for};
use crate::kernel::slot::{Form, Slot};

impl Expansion<'_, '_> {
    pub(super) fn structure(&self) -> TokenStream {
        let (name, vis) = (self.kernel.name(), &self.kernel.function.vis);
        let attrs = self.inherited_attrs();
        let fields = self.kernel.fields().map(|field| {
            let docs = field_docs(field);
            let name = field.name;
            let ty = self.field_type(field);
            quote!(#docs pub #name: #ty)
        });
        let generics = &self.generics;
        let where_clause = &generics.where_clause;
        quote! {
            #attrs
            #[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
            #[must_use = "a bound kernel does nothing until it is mapped"]
            #vis struct #name #generics #where_clause {
                #(#fields,)*
            }
        }
    }

    /// The attributes of the function that hold for the struct too, and its documentation.
    fn inherited_attrs(&self) -> TokenStream {
        let of_function = |name: &'static str| {
            let attrs = self.kernel.function.attrs.iter();
            attrs.filter(move |attr| attr.path().is_ident(name))
        };
        let docs = of_function("doc");
        let gap = of_function("doc").next().map(|_| quote!(#[doc = ""]));
        let name = self.kernel.name().unraw();
        let line = format!(" The kernel `{name}` with what it works on: built as a literal, then mapped.");
        let conditions = &self.conditions;
        let deprecated = of_function("deprecated");
        let allowed = of_function("allow");
        let expected = of_function("expect").filter_map(expect_as_allow);
        quote! {
            #(#docs)*
            #gap
            #[doc = #line]
            #(#conditions)*
            #(#deprecated)*
            #(#allowed)*
            #(#expected)*
        }
    }

    fn field_type(&self, field: &Field<'_>) -> TokenStream {
        if !field.is_spellable() {
            let any = any_ident(field);
            return quote!(#any);
        }
        match (&field.kind, field.slot()) {
            (kind, Some(slot)) => optional(slot, self.array_type(kind, slot)),
            (Kind::Param(ty), None) => {
                let ty = lent(ty, &self.loan);
                quote!(#ty)
            }
            (_, None) => {
                let maker = maker_ident(field);
                quote!(#maker)
            }
        }
    }

    fn array_type(&self, kind: &Kind<'_>, slot: &Slot<'_>) -> TokenStream {
        let (span, loan) = (place::of_slot(slot), &self.loan);
        let p = crate_path::at(&self.private, slot.blame().span());
        let axes = kind.array_axes();
        if let (Form::Alias, Axes::OneMore) = (&slot.form, axes) {
            let bound = bound_for(slot.ty, loan);
            return quote_spanned!(span=> #p::OutField<#loan, #bound>);
        }
        let (elem, dim) = self.array(slot, &p, axes);
        if kind.is_ranges() {
            quote_spanned!(span=> #p::Ranges<#loan, #elem, #dim>)
        } else {
            quote_spanned!(span=> &#loan mut #p::SharedArray<#elem, #dim>)
        }
    }
}

impl Kind<'_> {
    /// The axes of the array that is bound to an output.
    fn array_axes(&self) -> Axes {
        match self {
            Kind::Out(..) if self.is_ranges() => Axes::Slot,
            Kind::Out(..) | Kind::PerWorker(_) => Axes::OneMore,
            _ => Axes::Slot,
        }
    }
}

/// The struct need not meet what is expected of the function.
fn expect_as_allow(attr: &Attribute) -> Option<TokenStream> {
    let lints = &attr.meta.require_list().ok()?.tokens;
    Some(quote!(#[allow(#lints)]))
}

fn field_docs(field: &Field<'_>) -> TokenStream {
    let docs = field.docs;
    if !docs.is_empty() {
        return quote!(#(#docs)*);
    }
    let name = field.name.unraw();
    let doc = match &field.kind {
        kind if kind.is_ranges() => format!(" Where `{name}` is written: a range of entries for each item."),
        Kind::Out(..) => format!(" Where `{name}` is written: a slot for each item."),
        Kind::PerWorker(_) => format!(" The accumulators `{name}`: one for each worker."),
        Kind::Reduce(..) => format!(" Where the workers' `{name}` end up as one."),
        Kind::Scratch(_) => format!(" Makes `{name}`, once on each worker."),
        Kind::Param(_) | Kind::Unknown => format!(" The `{name}` that every call is given."),
    };
    quote!(#[doc = #doc])
}
