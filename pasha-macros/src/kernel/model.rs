//! A kernel as its signature declares it. Nodes keep what was written, so that errors can point.

use syn::{Attribute, FnArg, Generics, Ident, Lifetime, Pat, PatType, ReturnType, Type};

use super::attr::{Fold, OutOptions, ParameterAttrs, Role};
use super::function::Function;
use super::slot::{self, Slot};
use crate::errors::Errors;
use crate::generics::Names;
use crate::{lifetimes, types};

pub(crate) struct Kernel<'a> {
    pub(crate) function: &'a Function,
    /// The first two parameters: the worker id and the index.
    pub(crate) leading: Vec<Leading<'a>>,
    /// The parameters after those, in the function's order.
    pub(crate) parameters: Vec<Parameter<'a>>,
    /// The generics that the fields use.
    pub(crate) field_names: Names,
    /// The generics that the item uses.
    pub(crate) item_names: Names,
}

/// One of the first two parameters.
pub(crate) struct Leading<'a> {
    pub(crate) input: &'a FnArg,
    pub(crate) has_role: bool,
}

pub(crate) enum Parameter<'a> {
    /// A part of the item.
    Item(&'a PatType),
    Field(Field<'a>),
}

/// A parameter with an attribute: a field of the kernel's struct.
pub(crate) struct Field<'a> {
    pub(crate) original: &'a PatType,
    pub(crate) name: &'a Ident,
    pub(crate) docs: &'a [Attribute],
    pub(crate) kind: Kind<'a>,
}

pub(crate) enum Kind<'a> {
    Out(Slot<'a>, &'a OutOptions),
    PerWorker(Slot<'a>),
    Reduce(Slot<'a>, Option<&'a Fold>),
    /// `S` of `&mut S`; nothing if it is not behind `&mut`.
    Scratch(Option<&'a Type>),
    Param(&'a Type),
    /// An attribute that is none of ours, or none though there must be one, which is reported.
    Unknown,
}

impl Kind<'_> {
    /// Whether it is `#[out(ranges)]`.
    pub(crate) fn is_ranges(&self) -> bool {
        matches!(self, Kind::Out(_, options) if options.ranges.is_some())
    }

    /// The type of the runtime that stands for the field while the kernel runs.
    pub(crate) fn bound_name(&self) -> &'static str {
        match self {
            Kind::Out(..) if self.is_ranges() => "OutRanges",
            Kind::Out(..) => "Out",
            Kind::PerWorker(_) => "PerWorker",
            Kind::Reduce(..) => "Reduce",
            Kind::Scratch(_) => "Scratch",
            Kind::Param(ty) if slot::is_lent(ty) => "Lent",
            Kind::Param(_) | Kind::Unknown => "Param",
        }
    }
}

impl<'a> Kernel<'a> {
    /// `attrs` are those of the function's parameters, taken off them before.
    pub(crate) fn read(function: &'a Function, attrs: &'a [ParameterAttrs], errors: &mut Errors) -> Self {
        let generics = &function.sig.generics;
        let type_parameters: Vec<String> = generics.type_params().map(|param| param.ident.to_string()).collect();
        let mut leading = Vec::new();
        let mut parameters = Vec::new();
        let items = attrs.iter().skip(2).filter(|attrs| attrs.role.is_none()).count();
        for (input, attrs) in function.sig.inputs.iter().zip(attrs) {
            let has_role = attrs.role.is_some();
            let is_leading = leading.len() < 2;
            if is_leading {
                leading.push(Leading { input, has_role });
            }
            // A misplaced output is a field all the same, so that its uses are no errors too.
            if has_role || !is_leading {
                parameters.extend(read_parameter(input, attrs, items, &type_parameters, errors));
            }
        }
        let fields = parameters.iter().filter_map(Parameter::field);
        let field_types: Vec<Type> = fields.filter_map(Field::lasting_type).collect();
        let field_names = Names::in_types(generics, &field_types);
        let items = parameters.iter().filter_map(Parameter::item);
        let item_names = Names::in_types(generics, items.map(|item| &*item.ty));
        Kernel { function, leading, parameters, field_names, item_names }
    }

    pub(crate) fn name(&self) -> &'a Ident {
        &self.function.sig.ident
    }

    pub(crate) fn generics(&self) -> &'a Generics {
        &self.function.sig.generics
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        self.parameters.iter().filter_map(Parameter::field)
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = &'a PatType> {
        self.parameters.iter().filter_map(Parameter::item)
    }

    pub(crate) fn output(&self) -> Option<&'a Type> {
        match &self.function.sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(ty),
        }
    }

    /// Whether the kernel says itself that it can fail. An alias of `Result` is not seen.
    pub(crate) fn returns_result(&self) -> bool {
        self.output().and_then(types::last_segment).is_some_and(|segment| segment.ident == "Result")
    }
}

impl<'a> Parameter<'a> {
    pub(crate) fn item(&self) -> Option<&'a PatType> {
        match self {
            Parameter::Item(item) => Some(item),
            Parameter::Field(_) => None,
        }
    }

    pub(crate) fn field(&self) -> Option<&Field<'a>> {
        match self {
            Parameter::Item(_) => None,
            Parameter::Field(field) => Some(field),
        }
    }
}

impl<'a> Field<'a> {
    /// The slot of an output.
    pub(crate) fn slot(&self) -> Option<&Slot<'a>> {
        match &self.kind {
            Kind::Out(slot, _) | Kind::PerWorker(slot) | Kind::Reduce(slot, _) => Some(slot),
            Kind::Scratch(_) | Kind::Param(_) | Kind::Unknown => None,
        }
    }

    /// `S` of a scratch `&mut S`.
    pub(crate) fn made_by_closure(&self) -> Option<&'a Type> {
        match self.kind {
            Kind::Scratch(made) if self.is_spellable() => made,
            _ => None,
        }
    }

    /// Whether the field borrows: an array, or whatever its type elides.
    pub(crate) fn is_lent(&self) -> bool {
        match self.slot() {
            Some(_) => self.is_spellable(),
            None => self.own_type().is_some_and(lifetimes::elides),
        }
    }

    /// Whether the type of the struct's field can be written.
    pub(crate) fn is_spellable(&self) -> bool {
        match &self.kind {
            Kind::Out(slot, _) | Kind::PerWorker(slot) | Kind::Reduce(slot, _) => !slot.is_mistaken(),
            Kind::Scratch(None) | Kind::Unknown => false,
            Kind::Scratch(Some(ty)) => types::is_sized(ty) && types::is_nameable(ty),
            Kind::Param(ty) => types::is_nameable(ty) && slot::view_without_lifetime(ty).is_none(),
        }
    }

    /// What the struct's field is made of, without the lifetimes that end with a call.
    fn lasting_type(&self) -> Option<Type> {
        match self.slot() {
            Some(slot) => self.is_spellable().then(|| bound_for(slot.ty, &lifetimes::named("'_"))),
            None => self.own_type().cloned(),
        }
    }

    /// What a scratch makes, or a param is.
    fn own_type(&self) -> Option<&'a Type> {
        match self.kind {
            Kind::Param(ty) if self.is_spellable() => Some(ty),
            _ => self.made_by_closure(),
        }
    }
}

/// The type of an output with `bound` for the lifetime of the loan.
pub(crate) fn bound_for(slot: &Type, bound: &Lifetime) -> Type {
    lifetimes::rewrite(slot, |written| match written {
        Some(lifetime) if lifetime.ident == "static" => None,
        _ => Some(bound.clone()),
    })
}

fn read_parameter<'a>(
    input: &'a FnArg,
    attrs: &'a ParameterAttrs,
    items: usize,
    type_parameters: &[String],
    errors: &mut Errors,
) -> Option<Parameter<'a>> {
    let FnArg::Typed(original) = input else {
        return None;
    };
    let role = match &attrs.role {
        Some(role) => role,
        None if items > 1 && !attrs.conditional && slot::is_written_to(&original.ty) => {
            errors.at(
                &original.ty,
                "this is written to: did you forget `#[out]` (or `#[per_worker]`, `#[reduce(…)]`, `#[scratch]`) before it? \
                 To change a part of the item, take the item whole: `(a, b): (A, &mut B)`",
            );
            &Role::Unknown
        }
        None => return Some(Parameter::Item(original)),
    };
    let name = match &*original.pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => &pat.ident,
        _ if attrs.role.is_none() => return None,
        pat => {
            errors.at(
                pat,
                "a parameter with an attribute becomes a field: give it a name, \
                 and take it apart in the body",
            );
            return None;
        }
    };
    let slot = || Slot::read(&original.ty, type_parameters);
    let kind = match role {
        Role::Out(options) => Kind::Out(slot(), options),
        Role::PerWorker => Kind::PerWorker(slot()),
        Role::Reduce(fold) => Kind::Reduce(slot(), fold.as_ref()),
        Role::Scratch => Kind::Scratch(read_scratch(&original.ty)),
        Role::Param => Kind::Param(&original.ty),
        Role::Unknown => Kind::Unknown,
    };
    Some(Parameter::Field(Field { original, name, docs: &attrs.docs, kind }))
}

fn read_scratch(ty: &Type) -> Option<&Type> {
    match types::peel(ty) {
        Type::Reference(reference) if reference.mutability.is_some() => Some(&reference.elem),
        _ => None,
    }
}
