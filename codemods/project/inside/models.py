"""The project's models: fields, relations both ways, managers."""

from _codemods_probe.members import Members
from _codemods_probe.names import name_of


def is_reference(field):
    """Tell an id column that reads the value of a service."""
    return bool(getattr(type(field), "strangler_service", None)) and field.remote_field is None


class Models(Members):
    """Reads models from their options."""

    def internal_type(self, field):
        """Return the field class whose Python values these are; None when they are its own."""
        for cls in () if is_reference(field) else type(field).__mro__:
            if cls.__module__.startswith(("django.db.models.", "django.contrib.")):
                break
            if "from_db_value" in vars(cls) or "to_python" in vars(cls):
                return None
        try:
            return field.get_internal_type()
        except Exception:  # a field of the project, or no field at all
            return None

    def field(self, field, model):
        remote = getattr(field, "remote_field", None)
        related = getattr(field, "related_model", None)
        target = getattr(getattr(related, "_meta", None), "label", None)
        through = getattr(getattr(remote, "through", None), "_meta", None)
        on_delete = getattr(remote, "on_delete", None)
        if is_reference(field):
            target, remote, on_delete = field.to, field, field.on_delete
        declared = [
            name_of(base)
            for base in model.__mro__
            if hasattr(base, "_meta")
            and getattr(base._meta, "abstract", False)
            and any(
                f.name == field.name
                for f in base._meta.local_fields + base._meta.local_many_to_many
            )
        ]
        return {
            "name": field.name,
            "attname": getattr(field, "attname", field.name),
            "column": getattr(field, "column", None),
            "type": type(field).__name__,
            "internal_type": self.internal_type(field),
            "target": target
            if remote is not None or type(field).__name__ == "GenericRelation"
            else None,
            "many": bool(field.many_to_many or field.one_to_many),
            "generic": type(field).__name__ in ("GenericForeignKey", "GenericRelation"),
            "one": bool(field.one_to_one) or (remote is field and field.unique),
            "through": through.label if through is not None else None,
            "through_auto": bool(getattr(through, "auto_created", False)),
            "on_delete": getattr(on_delete, "__name__", None),
            "null": bool(getattr(field, "null", False)),
            "declared_in": declared[-1] if declared else None,
            "ct_field": getattr(field, "ct_field", None),
            "fk_field": getattr(field, "fk_field", None),
            "inherited": getattr(field, "model", model) is not model,
            "module": type(field).__module__,
            "service": getattr(type(field), "strangler_service", None),
            "max_length": getattr(field, "max_length", None),
            "to_field": None if remote is field else getattr(remote, "field_name", None),
        }

    def references(self):
        """Return the reverse sides of id columns that read a service's values, by model."""
        found = {}
        for model in self.apps.get_models(include_auto_created=True):
            for field in model._meta.concrete_fields:
                if is_reference(field):
                    found.setdefault(field.to, []).append(
                        {
                            "accessor": field.accessor or None,
                            "query_name": field.accessor or model._meta.model_name,
                            "model": model._meta.label,
                            "field": field.name,
                            "many": not field.unique,
                        }
                    )
        return found

    def reverse(self, relation):
        accessor = relation.get_accessor_name()
        hidden = relation.hidden if isinstance(relation.hidden, bool) else relation.is_hidden()
        return {
            "accessor": None if hidden else accessor,
            "query_name": relation.name,
            "model": relation.related_model._meta.label,
            "field": relation.field.name,
            "many": not relation.one_to_one,
        }

    def model(self, model):
        meta = model._meta
        managers = []
        for manager in meta.managers:
            queryset = getattr(manager, "_queryset_class", None)
            managers.append(
                {
                    "name": manager.name,
                    "class": name_of(type(manager)),
                    "mro": [name_of(base) for base in type(manager).__mro__[:-1]],
                    "queryset_mro": [name_of(base) for base in queryset.__mro__[:-1]]
                    if queryset
                    else [],
                }
            )
        fields, reverses = [], []
        for field in meta.get_fields(include_hidden=True):
            if getattr(field, "auto_created", False) and not field.concrete:
                reverses.append(self.reverse(field))
            else:
                fields.append(self.field(field, model))
        if self.reverse_sides is None:
            self.reverse_sides = self.references()
        reverses += self.reverse_sides.get(meta.concrete_model._meta.label, [])
        return {
            "label": meta.label,
            "app": meta.app_label,
            "name": name_of(model),
            "table": meta.db_table,
            "mro": [name_of(base) for base in model.__mro__[1:-1]],
            "parents": [parent._meta.label for parent in meta.parents],
            "proxy_for": meta.proxy_for_model._meta.label if meta.proxy else None,
            "auto_created": bool(meta.auto_created),
            "pk": meta.pk.name if meta.pk else None,
            "fields": fields,
            "reverse": reverses,
            "managers": managers,
            "default_manager": meta.default_manager.name if meta.default_manager else None,
            "members": self.members(model),
            "library_members": self.library_members(model),
            "ordering": [name if isinstance(name, str) else "?" for name in meta.ordering],
        }
