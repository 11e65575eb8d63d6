//! The impl of `Kernel`: the struct's fields as what they are while the kernel runs.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;

use super::array::{Axes, optional};
use super::{Expansion, lent, maker_ident, nested, place};
use crate::kernel::attr::Fold;
use crate::kernel::model::{Field, Kind, bound_for};
use crate::kernel::slot;
use crate::types;

impl Expansion<'_, '_> {
    pub(super) fn bind_impl(&self) -> TokenStream {
        let name = self.kernel.name();
        let mut generics = self.generics.clone();
        generics.make_where_clause().predicates.extend(self.demands());
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let types = nested(self.kernel.fields().map(|field| self.bound_type(field)));
        let values = self.kernel.fields().map(bound_value);
        let value = self.kernel.fields().next().map(|_| nested(values));
        quote! {
            impl #impl_generics __p::Kernel for #name #ty_generics #where_clause {
                type Binds = #types;
                fn bind(self) -> Self::Binds {
                    #value
                }
            }
        }
    }

    fn bound_type(&self, field: &Field<'_>) -> TokenStream {
        let loan = &self.loan;
        let span = place::of_field(field);
        let p = place::alias(span);
        let bound = Ident::new(field.kind.bound_name(), span);
        let Some(slot) = field.slot() else {
            let ty = match &field.kind {
                Kind::Param(ty) => Some(lent(ty, loan)),
                _ => field.made_by_closure().map(|made| lent(made, loan)),
            };
            let maker = field.made_by_closure().map(|_| maker_ident(field)).into_iter();
            return quote_spanned!(span=> #p::#bound<#ty #(, #maker)*>);
        };
        let array = bound_for(slot.ty, loan);
        let fold = match &field.kind {
            Kind::Reduce(_, Some(Fold::With(_))) => {
                let (elem, _) = self.array(slot, &p, Axes::Slot);
                Some(quote_spanned!(span=> #p::With<#elem>))
            }
            Kind::Reduce(_, Some(fold)) => Some(fold_value(fold, span)),
            _ => None,
        };
        let fold = fold.into_iter();
        optional(slot, quote_spanned!(span=> #p::#bound<#loan, #array #(, #fold)*>))
    }
}

fn bound_value(field: &Field<'_>) -> TokenStream {
    let name = field.name;
    let text = field.name.unraw().to_string();
    let span = place::of_field(field);
    let p = place::alias(span);
    let bound = Ident::new(field.kind.bound_name(), span);
    let value = quote!(self.#name);
    if let Kind::Param(ty) = &field.kind
        && !types::is_primitive(ty)
    {
        let (way, method) = if slot::is_lent(ty) { ("Passage", "lent") } else { ("Way", "param") };
        let [way, method] = [way, method].map(|name| Ident::new(name, span));
        return quote_spanned!(span=> #p::#way::of(&#value).find().#method(#value));
    }
    let more = match &field.kind {
        Kind::Out(_, options) if !field.kind.is_ranges() => {
            let axis = options.axis.as_ref().map_or(0, |axis| axis.number);
            quote_spanned!(span=> , #text, #axis)
        }
        Kind::Out(..) | Kind::PerWorker(_) => quote_spanned!(span=> , #text),
        Kind::Reduce(_, fold) => {
            let fold = fold.map(|fold| fold_value(fold, span));
            quote_spanned!(span=> , #text, #fold)
        }
        Kind::Scratch(_) | Kind::Param(_) | Kind::Unknown => TokenStream::new(),
    };
    if field.slot().is_some_and(|slot| slot.optional) {
        quote_spanned!(span=> #value.map(|__array| #p::#bound::new(__array #more)))
    } else {
        quote_spanned!(span=> #p::#bound::new(#value #more))
    }
}

/// How results become one; for all but `with` its type is written the same.
fn fold_value(fold: &Fold, span: Span) -> TokenStream {
    let p = place::alias(span);
    match fold {
        Fold::With(with) => {
            let function = &with.function;
            match &with.identity {
                Some(identity) => quote_spanned!(span=> #p::With::new(#identity, #function)),
                None => quote_spanned!(span=> #p::With::from_zero(#function)),
            }
        }
        Fold::Sum | Fold::Min | Fold::Max => {
            let unit = fold.name().map(|name| Ident::new(name, span));
            quote_spanned!(span=> #p::#unit)
        }
    }
}
