//! The code written for a kernel: its function, its struct, and what makes the struct a kernel.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Generics, Ident, Lifetime, Path, Type, parse_quote};

use super::attr::Fold;
use super::check;
use super::model::{Field, Kernel, Kind, Parameter, bound_for};
use super::slot::{Form, Rank, Slot};
use crate::generics;
use crate::{crate_path, lifetimes};

/// The expansion of a kernel without mistakes.
pub(crate) fn kernel(kernel: &Kernel<'_>, krate: Option<&Path>) -> TokenStream {
    let expansion = Expansion::new(kernel, krate, Vec::new());
    let bind = expansion.bind_impl();
    let takes = expansion.takes_impl();
    expansion.assemble(quote!(#bind #takes))
}

/// What stands in for a kernel with mistakes, so that its uses are not reported as well: every
/// field is there, and every item fits.
pub(crate) fn fallback(kernel: &Kernel<'_>, krate: Option<&Path>) -> TokenStream {
    let unknown = kernel.fields().filter(|field| !field.is_spellable());
    let expansion = Expansion::new(kernel, krate, unknown.map(any_ident).collect());
    let stand_in = expansion.stand_in_impls();
    expansion.assemble(stand_in)
}

struct Expansion<'k, 'a> {
    kernel: &'k Kernel<'a>,
    /// `::pasha::__private`
    private: Path,
    /// What the arrays are lent to the struct for.
    loan: Lifetime,
    /// Those of the struct, with a parameter for the closure behind each scratch.
    generics: Generics,
    /// `cfg` of the function, which holds for all of the expansion.
    conditions: Vec<&'a Attribute>,
}

impl<'k, 'a> Expansion<'k, 'a> {
    /// `unknown` are type parameters for the fields whose types cannot be written.
    fn new(kernel: &'k Kernel<'a>, krate: Option<&Path>, unknown: Vec<Ident>) -> Self {
        let loan = lifetimes::named("'__k");
        let mut generics = generics::restrict(kernel.generics(), &kernel.field_names);
        if kernel.fields().any(Field::is_lent) {
            generics.params.insert(0, parse_quote!(#loan));
        }
        generics.params.extend(
            unknown
                .into_iter()
                .map(|ident| -> syn::GenericParam { parse_quote!(#ident) }),
        );
        for (field, made) in kernel.fields().filter_map(Field::made_by_closure) {
            let maker = maker_ident(field);
            let made = lent(made, &loan);
            generics.params.push(parse_quote! {
                #maker: ::core::ops::Fn() -> #made + ::core::marker::Sync = fn() -> #made
            });
        }
        let is_cfg = |attr: &&Attribute| attr.path().is_ident("cfg");
        Expansion {
            private: crate_path::private(krate),
            loan,
            generics,
            conditions: kernel.function.attrs.iter().filter(is_cfg).collect(),
            kernel,
        }
    }

    fn assemble(&self, impls: TokenStream) -> TokenStream {
        let function = self.kernel.function;
        let structure = self.structure();
        let allocs = self.alloc_impl();
        let (private, conditions) = (&self.private, &self.conditions);
        quote! {
            #[allow(clippy::too_many_arguments, clippy::ptr_arg)]
            #function

            #structure

            #(#conditions)*
            #[allow(deprecated, clippy::type_complexity)]
            const _: () = {
                use #private as __p;
                #allocs
                #impls
            };
        }
    }

    fn structure(&self) -> TokenStream {
        let Expansion {
            kernel, generics, ..
        } = self;
        let (name, vis) = (kernel.name(), &kernel.function.vis);
        let docs = attributes(kernel, "doc");
        let gap = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
        let line = format!(
            " The kernel `{}` with what it works on: built as a literal, then mapped.",
            name.unraw()
        );
        let inherited = attributes(kernel, "deprecated")
            .into_iter()
            .chain(attributes(kernel, "allow"));
        let expected = kernel.function.attrs.iter().filter_map(expect_as_allow);
        let conditions = &self.conditions;
        let fields = kernel.fields().map(|field| {
            let docs = field_docs(field);
            let name = field.name;
            let ty = self.field_type(field);
            quote!(#docs pub #name: #ty)
        });
        let where_clause = &generics.where_clause;
        quote! {
            #(#docs)*
            #gap
            #[doc = #line]
            #(#conditions)*
            #(#inherited)*
            #(#expected)*
            #[allow(non_camel_case_types, clippy::type_complexity)]
            #[must_use = "a bound kernel does nothing until it is mapped"]
            #vis struct #name #generics #where_clause {
                #(#fields,)*
            }
        }
    }

    fn field_type(&self, field: &Field<'_>) -> TokenStream {
        let loan = &self.loan;
        let (slot, ty) = match &field.kind {
            _ if !field.is_spellable() => {
                let any = any_ident(field);
                return quote!(#any);
            }
            Kind::Unknown => return TokenStream::new(),
            Kind::Scratch(_) => {
                let maker = maker_ident(field);
                return quote!(#maker);
            }
            Kind::Param(ty) => {
                let ty = lent(ty, loan);
                return quote!(#ty);
            }
            Kind::Out(slot, options) if options.ranges.is_some() => {
                let p = self.private_at(slot);
                let (elem, dim) = self.array(slot, &p, Axes::Slot);
                (slot, quote_spanned!(located(slot)=> #p::Ranges<#loan, #elem, #dim>))
            }
            Kind::Out(slot, _) | Kind::PerWorker(slot) => {
                let p = self.private_at(slot);
                let ty = if let Form::Alias = slot.form {
                    let bound = bound_for(slot.ty, loan);
                    quote_spanned!(located(slot)=> #p::OutField<#loan, #bound>)
                } else {
                    let (elem, dim) = self.array(slot, &p, Axes::OneMore);
                    quote_spanned!(located(slot)=> &#loan mut #p::SharedArray<#elem, #dim>)
                };
                (slot, ty)
            }
            Kind::Reduce(slot, _) => {
                let p = self.private_at(slot);
                let (elem, dim) = self.array(slot, &p, Axes::Slot);
                (slot, quote_spanned!(located(slot)=> &#loan mut #p::SharedArray<#elem, #dim>))
            }
        };
        optional(slot, ty)
    }

    /// The element and the dimension of the array behind a slot; spelled where they are visible,
    /// because what is projected does not infer in a generic kernel.
    fn array(&self, slot: &Slot<'_>, p: &Path, axes: Axes) -> (TokenStream, TokenStream) {
        let span = located(slot);
        let (elem, rank) = match &slot.form {
            Form::Element(elem) => (elem, &Rank::Fixed(0)),
            Form::Row(elem) => (elem, &Rank::Fixed(1)),
            Form::View { elem, rank } => (elem, rank),
            Form::Alias | Form::Mistake(_) => {
                let bound = bound_for(slot.ty, &self.loan);
                let elem = quote_spanned!(span=> <#bound as #p::Slot>::Elem);
                let own = quote_spanned!(span=> <#bound as #p::Slot>::Dim);
                return (elem, axes.larger(own, p, span));
            }
        };
        let elem = bound_for(elem, &self.loan);
        let dim = match rank {
            Rank::Fixed(rank) => {
                let name = format_ident!("Ix{}", rank + axes.more(), span = span);
                quote_spanned!(span=> #p::#name)
            }
            Rank::Dynamic => quote_spanned!(span=> #p::IxDyn),
            Rank::Type(ty) => axes.larger(quote!(#ty), p, span),
        };
        (quote!(#elem), dim)
    }

    /// `alloc_x` for each output `x`.
    fn alloc_impl(&self) -> TokenStream {
        let outputs = || {
            let spellable = self.kernel.fields().filter(|field| field.is_spellable());
            spellable.filter_map(|field| Some((field, field.slot()?)))
        };
        if outputs().next().is_none() {
            return TokenStream::new();
        }
        let methods = outputs().map(|(field, slot)| self.alloc(field, slot));
        let mut generics = self.generics.clone();
        let mut made = self.kernel.fields().filter_map(Field::made_by_closure);
        let arguments: Vec<TokenStream> = generics
            .params
            .iter()
            .map(|param| match param {
                syn::GenericParam::Lifetime(param) => {
                    let lifetime = &param.lifetime;
                    quote!(#lifetime)
                }
                syn::GenericParam::Const(param) => {
                    let ident = &param.ident;
                    quote!(#ident)
                }
                syn::GenericParam::Type(param) if param.default.is_some() => {
                    let made = made.next().map(|(_, made)| lent(made, &self.loan));
                    quote!(fn() -> #made)
                }
                syn::GenericParam::Type(param) => {
                    let ident = &param.ident;
                    quote!(#ident)
                }
            })
            .collect();
        let without_makers = generics.params.into_iter().filter(
            |param| !matches!(param, syn::GenericParam::Type(ty) if ty.default.is_some()),
        );
        generics.params = without_makers.collect();
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let name = self.kernel.name();
        quote! {
            impl #impl_generics #name<#(#arguments),*> #where_clause {
                #(#methods)*
            }
        }
    }

    fn alloc(&self, field: &Field<'_>, slot: &Slot<'_>) -> TokenStream {
        let p = alias(located(slot));
        let (axes, sharing, per_worker) = match &field.kind {
            Kind::PerWorker(_) => (
                Axes::Slot,
                format_ident!("PerWorkerAxis"),
                Some(quote!(.per_worker())),
            ),
            Kind::Out(_, options) if options.ranges.is_none() => {
                (Axes::OneMore, format_ident!("Shared"), None)
            }
            _ => (Axes::Slot, format_ident!("Shared"), None),
        };
        let (elem, dim) = self.array(slot, &p, axes);
        let name = format_ident!("alloc_{}", field.name);
        let vis = &self.kernel.function.vis;
        let doc = format!(
            " Starts an array to bind to `{}`, which says its element type and rank.",
            field.name.unraw()
        );
        quote! {
            #[doc = #doc]
            #[allow(dead_code)]
            #vis fn #name(
                ctx: &#p::Context,
                shape: impl #p::IntoDimension<Dim = #dim>,
            ) -> #p::Builder<#elem, #dim, #p::#sharing> {
                ctx.alloc::<#elem>().shape(shape)#per_worker
            }
        }
    }

    fn bind_impl(&self) -> TokenStream {
        let name = self.kernel.name();
        let (impl_generics, ty_generics, where_clause) = self.generics.split_for_impl();
        let types = nested(self.kernel.fields().map(|field| self.bound_type(field)));
        let values = self.kernel.fields().map(|field| self.bound_value(field));
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

    /// The type that stands for a field while the kernel runs, without its `Option`.
    fn bound(&self, field: &Field<'_>) -> TokenStream {
        let loan = &self.loan;
        let span = located_field(field);
        let p = alias(span);
        let bound = Ident::new(field.kind.bound_name(), span);
        let slot = field.slot().map(|slot| bound_for(slot.ty, loan));
        match &field.kind {
            Kind::Out(..) | Kind::PerWorker(_) => quote_spanned!(span=> #p::#bound<#loan, #slot>),
            Kind::Reduce(out, fold) => {
                let op = match fold {
                    Some(Fold::With { .. }) => {
                        let (elem, _) = self.array(out, &p, Axes::Slot);
                        quote_spanned!(span=> #p::With<#elem>)
                    }
                    _ => self.fold_value(*fold, span),
                };
                quote_spanned!(span=> #p::#bound<#loan, #slot, #op>)
            }
            Kind::Scratch(made) => {
                let made = made.map(|made| lent(made, loan));
                let maker = maker_ident(field);
                quote_spanned!(span=> #p::#bound<#made, #maker>)
            }
            Kind::Param(ty) => {
                let ty = lent(ty, loan);
                quote_spanned!(span=> #p::#bound<#ty>)
            }
            Kind::Unknown => TokenStream::new(),
        }
    }

    fn bound_type(&self, field: &Field<'_>) -> TokenStream {
        let bound = self.bound(field);
        match field.slot() {
            Some(slot) => optional(slot, bound),
            None => bound,
        }
    }

    fn bound_value(&self, field: &Field<'_>) -> TokenStream {
        let name = field.name;
        let text = field.name.unraw().to_string();
        let span = located_field(field);
        let p = alias(span);
        let bound = Ident::new(field.kind.bound_name(), span);
        let array = quote!(self.#name);
        let arguments = match &field.kind {
            Kind::Out(_, options) if options.ranges.is_none() => {
                let axis = options.axis.as_ref().map_or(0, |axis| axis.number);
                quote_spanned!(span=> , #text, #axis)
            }
            Kind::Out(..) | Kind::PerWorker(_) => quote_spanned!(span=> , #text),
            Kind::Reduce(_, fold) => {
                let op = self.fold_value(*fold, span);
                quote_spanned!(span=> , #text, #op)
            }
            Kind::Scratch(_) | Kind::Param(_) | Kind::Unknown => TokenStream::new(),
        };
        if field.slot().is_some_and(|slot| slot.optional) {
            quote_spanned!(span=> #array.map(|__array| #p::#bound::new(__array #arguments)))
        } else {
            quote_spanned!(span=> #p::#bound::new(#array #arguments))
        }
    }

    fn fold_value(&self, fold: Option<&Fold>, span: Span) -> TokenStream {
        let p = alias(span);
        match fold {
            Some(Fold::Sum) | None => quote_spanned!(span=> #p::Sum),
            Some(Fold::Min) => quote_spanned!(span=> #p::Min),
            Some(Fold::Max) => quote_spanned!(span=> #p::Max),
            Some(Fold::With { function, identity }) => match identity {
                Some(identity) => quote_spanned!(span=> #p::With::new(#identity, #function)),
                None => quote_spanned!(span=> #p::With::from_zero(#function)),
            },
        }
    }

    fn takes_impl(&self) -> TokenStream {
        let kernel = self.kernel;
        let name = kernel.name();
        let (item, fresh) = self.item_type();
        let generics = self.item_generics(fresh);
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let (_, ty_generics, _) = self.generics.split_for_impl();
        let items: Vec<_> = self.arguments(|parameter| matches!(parameter, Parameter::Item(_)));
        let slots: Vec<_> = self.arguments(|parameter| matches!(parameter, Parameter::Field(_)));
        let item_pattern = tuple(items);
        let slots_pattern = nested(slots.into_iter().map(|slot| quote!(#slot)));
        let call = self.call();
        let (output, value) = self.output(call);
        let worker = Ident::new("__worker", Span::mixed_site());
        let index = Ident::new("__index", Span::mixed_site());
        quote! {
            impl #impl_generics __p::Takes<#item> for #name #ty_generics #where_clause {
                type Output = #output;
                #[inline]
                fn call(
                    #worker: usize,
                    #index: usize,
                    #item_pattern: #item,
                    __p::Slots(#slots_pattern): __p::Slots<'_, Self::Binds>,
                ) -> Self::Output {
                    #value
                }
            }
        }
    }

    /// The item with a lifetime of its own for each that is elided or that the fields use too.
    fn item_type(&self) -> (TokenStream, Vec<Lifetime>) {
        let mut fresh: Vec<Lifetime> = Vec::new();
        let mut renamed: Vec<(Lifetime, Lifetime)> = Vec::new();
        let mut next = || {
            let lifetime = lifetimes::named(&format!("'__i{}", fresh.len()));
            fresh.push(lifetime.clone());
            lifetime
        };
        let types: Vec<Type> = self
            .kernel
            .items()
            .map(|item| {
                lifetimes::rewrite(&item.ty, |written| match written {
                    None => Some(next()),
                    Some(shared) if self.kernel.field_names.has_lifetime(shared) => {
                        let known = renamed.iter().find(|(from, _)| from == shared);
                        if let Some((_, to)) = known {
                            return Some(to.clone());
                        }
                        let to = next();
                        renamed.push((shared.clone(), to.clone()));
                        Some(to)
                    }
                    Some(_) => None,
                })
            })
            .collect();
        (tuple(types), fresh)
    }

    /// The struct's generics and what only the item needs.
    fn item_generics(&self, fresh: Vec<Lifetime>) -> Generics {
        let names = self.kernel.field_names.clone().union(&self.kernel.item_names);
        let mut all = generics::restrict(self.kernel.generics(), &names);
        let own = self.generics.params.iter().filter(|param| match param {
            syn::GenericParam::Lifetime(param) => param.lifetime == self.loan,
            syn::GenericParam::Type(param) => param.default.is_some(),
            syn::GenericParam::Const(_) => false,
        });
        all.params.extend(own.cloned());
        all.params.extend(
            fresh
                .into_iter()
                .map(|lifetime| -> syn::GenericParam { parse_quote!(#lifetime) }),
        );
        all
    }

    /// The names that stand for some of the parameters, in the function's order.
    fn arguments(&self, wanted: impl Fn(&Parameter<'_>) -> bool) -> Vec<Ident> {
        let several = self.kernel.items().nth(1).is_some();
        let mut items = 0_usize;
        let mut names = Vec::new();
        for parameter in &self.kernel.parameters {
            let name = match parameter {
                Parameter::Item(item) => {
                    items += 1;
                    let span = mixed(item.ty.span());
                    if several {
                        format_ident!("__item{}", items - 1, span = span)
                    } else {
                        Ident::new("__item", span)
                    }
                }
                Parameter::Field(field) => {
                    let mut name = field.name.clone();
                    name.set_span(located_field(field));
                    name
                }
            };
            if wanted(parameter) {
                names.push(name);
            }
        }
        names
    }

    fn call(&self) -> TokenStream {
        let name = self.kernel.name();
        let leading = ["__worker", "__index"].into_iter().zip(&self.kernel.leading);
        let leading = leading.map(|(name, leading)| {
            let span = match leading.input {
                syn::FnArg::Typed(input) => input.ty.span(),
                syn::FnArg::Receiver(receiver) => receiver.span(),
            };
            Ident::new(name, mixed(span))
        });
        let arguments = leading.chain(self.arguments(|_| true));
        let types = self.kernel.generics().params.iter().filter_map(|param| match param {
            syn::GenericParam::Lifetime(_) => None,
            syn::GenericParam::Type(param) => Some(&param.ident),
            syn::GenericParam::Const(param) => Some(&param.ident),
        });
        let types: Vec<_> = types.collect();
        let turbofish = (!types.is_empty()).then(|| quote!(::<#(#types),*>));
        quote!(#name #turbofish(#(#arguments),*))
    }

    fn output(&self, call: TokenStream) -> (TokenStream, TokenStream) {
        match self.kernel.output() {
            Some(result) if self.kernel.returns_result() => (quote!(#result), call),
            Some(value) => {
                let span = mixed(value.span());
                let p = alias(span);
                (quote_spanned!(span=> #p::Plain<#value>), quote!(__p::Plain(#call)))
            }
            None => (quote!(__p::Plain<()>), quote!(__p::Plain(#call))),
        }
    }

    fn stand_in_impls(&self) -> TokenStream {
        let name = self.kernel.name();
        let (impl_generics, ty_generics, where_clause) = self.generics.split_for_impl();
        let mut with_item = self.generics.clone();
        with_item.params.push(parse_quote!(__Item));
        let (item_generics, _, _) = with_item.split_for_impl();
        let output = if check::output_stands(self.kernel) {
            self.output(TokenStream::new()).0
        } else {
            quote!(__p::Plain<()>)
        };
        quote! {
            impl #impl_generics __p::Kernel for #name #ty_generics #where_clause {
                type Binds = ();
                fn bind(self) -> Self::Binds {}
            }
            impl #item_generics __p::Takes<__Item> for #name #ty_generics #where_clause {
                type Output = #output;
                fn call(
                    _: usize,
                    _: usize,
                    _: __Item,
                    _: __p::Slots<'_, Self::Binds>,
                ) -> Self::Output {
                    loop {}
                }
            }
        }
    }

    /// The module of ours, placed where the slot's type is.
    fn private_at(&self, slot: &Slot<'_>) -> Path {
        let place = slot.blame().span();
        let mut path = self.private.clone();
        if let Some(colons) = &mut path.leading_colon {
            for colon in &mut colons.spans {
                *colon = colon.located_at(place);
            }
        }
        for segment in &mut path.segments {
            let span = segment.ident.span().located_at(place);
            segment.ident.set_span(span);
        }
        path
    }
}

/// How many axes an array has: those of the slot, or one more to count items or workers.
#[derive(Clone, Copy)]
enum Axes {
    Slot,
    OneMore,
}

impl Axes {
    fn more(self) -> usize {
        match self {
            Axes::Slot => 0,
            Axes::OneMore => 1,
        }
    }

    fn larger(self, own: TokenStream, p: &Path, span: Span) -> TokenStream {
        match self {
            Axes::Slot => own,
            Axes::OneMore => quote_spanned!(span=> <#own as #p::Dimension>::Larger),
        }
    }
}

fn optional(slot: &Slot<'_>, ty: TokenStream) -> TokenStream {
    if slot.optional {
        quote_spanned!(located(slot)=> ::core::option::Option<#ty>)
    } else {
        ty
    }
}

/// The type of a field that is lent for as long as the arrays are.
fn lent(ty: &Type, loan: &Lifetime) -> Type {
    lifetimes::rewrite(ty, |written| match written {
        None => Some(loan.clone()),
        Some(_) => None,
    })
}

/// `(a, (b, ()))`
fn nested(parts: impl Iterator<Item = TokenStream>) -> TokenStream {
    let parts: Vec<_> = parts.collect();
    let parts = parts.into_iter();
    parts.rfold(quote!(()), |rest, part| quote!((#part, #rest)))
}

/// The thing itself if it is one, else the tuple of them.
fn tuple<T: quote::ToTokens>(parts: Vec<T>) -> TokenStream {
    match parts.as_slice() {
        [one] => quote!(#one),
        many => quote!((#(#many),*)),
    }
}

fn alias(span: Span) -> Path {
    Ident::new("__p", span).into()
}

fn maker_ident(field: &Field<'_>) -> Ident {
    format_ident!("__Make{}", camel(field))
}

fn any_ident(field: &Field<'_>) -> Ident {
    format_ident!("__Any{}", camel(field))
}

fn camel(field: &Field<'_>) -> String {
    let name = field.name.unraw().to_string();
    name.split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            first.chain(letters).collect::<Vec<_>>()
        })
        .collect()
}

fn mixed(place: Span) -> Span {
    Span::mixed_site().located_at(place)
}

fn located(slot: &Slot<'_>) -> Span {
    mixed(slot.blame().span())
}

fn located_field(field: &Field<'_>) -> Span {
    match field.slot() {
        Some(slot) => located(slot),
        None => mixed(field.original.ty.span()),
    }
}

fn attributes<'a>(kernel: &Kernel<'a>, name: &str) -> Vec<&'a Attribute> {
    let attrs = kernel.function.attrs.iter();
    attrs.filter(|attr| attr.path().is_ident(name)).collect()
}

/// The struct need not meet what is expected of the function.
fn expect_as_allow(attr: &Attribute) -> Option<TokenStream> {
    let list = attr.meta.require_list().ok()?;
    let lints = &list.tokens;
    list.path.is_ident("expect").then(|| quote!(#[allow(#lints)]))
}

fn field_docs(field: &Field<'_>) -> TokenStream {
    let docs = field.docs;
    if !docs.is_empty() {
        return quote!(#(#docs)*);
    }
    let name = field.name.unraw();
    let doc = match &field.kind {
        Kind::Out(_, options) if options.ranges.is_some() => {
            format!(" Where `{name}` is written: a range of entries for each item.")
        }
        Kind::Out(..) => format!(" Where `{name}` is written: a slot for each item."),
        Kind::PerWorker(_) => format!(" The accumulators `{name}`: one for each worker."),
        Kind::Reduce(..) => format!(" Where the workers' `{name}` end up as one."),
        Kind::Scratch(_) => format!(" Makes `{name}`, once on each worker."),
        Kind::Param(_) => format!(" The `{name}` that every call is given."),
        Kind::Unknown => format!(" What `{name}` was to be."),
    };
    quote!(#[doc = #doc])
}
