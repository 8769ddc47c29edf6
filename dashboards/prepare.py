"""Brings Superset's database to the files of ``assets``, and its accounts to the passwords in its folder.

An account that is named after a role of the warehouse reads as that role: see ``superset_config.py``.
"""

import os
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from superset.app import create_app

ASSETS = Path(__file__).parent / "assets"
READERS = {"hub_analyst": "Inside", "hub_bi": "Shared"}
FORCE = "Force"
DATABASES = {
    "Inside": {"Hub, as the analyst", "Hub, protected figures", "Hub, a force's own rows"},
    "Shared": {"Hub, protected figures"},
    FORCE: {"Hub, protected figures", "Hub, a force's own rows"},
}
"""Superset's role → the databases whose datasets it reads."""
NOT_FOR_READERS = {("can_external_metadata", "Datasource")}
ALSO_FOR_READERS = {("menu_access", "Dashboards"), ("can_log", "Superset")}


def prepare(home: Path) -> None:
    """Migrate, bring permissions, accounts and assets up to date. ``home`` is Superset's folder."""
    app = create_app()
    with app.app_context():
        from superset import appbuilder, db, security_manager  # noqa: PLC0415  only where the app stands

        upgrade()
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        for role in DATABASES:
            security_manager.add_role(role)
        for file in sorted((home / "accounts").iterdir()):
            give_account(security_manager, file.name, file.read_text().strip())
        db.session.commit()
        import_assets()
        for role, databases in DATABASES.items():
            give_rights(security_manager, role, databases)
        db.session.commit()


def give_account(security_manager: Any, name: str, password: str) -> None:
    """Make an account, or give it the password that is kept for it."""
    role_name = "Admin" if name == "admin" else READERS.get(name, FORCE)
    roles = [security_manager.find_role(role_name)]
    user = security_manager.find_user(username=name)
    if user is None:
        security_manager.add_user(name, name, "", f"{name}@hub.invalid", roles, password)
    else:
        user.roles = roles
        security_manager.reset_password(user.id, password)


def import_assets() -> None:
    """Import every file of ``assets``; what has the same uuid is written over."""
    from superset import security_manager  # noqa: PLC0415  only where the app stands
    from superset.commands.importers.v1.assets import ImportAssetsCommand  # noqa: PLC0415  only where the app stands
    from superset.utils.core import override_user  # noqa: PLC0415  only where the app stands

    contents = {path.relative_to(ASSETS).as_posix(): path.read_text() for path in ASSETS.rglob("*.yaml")}
    with override_user(security_manager.find_user(username="admin")):
        ImportAssetsCommand(contents).run()


def give_rights(security_manager: Any, role_name: str, databases: set[str]) -> None:
    """Let a role look at dashboards over the datasets of these databases, and at nothing else."""
    from superset import db  # noqa: PLC0415  only where the app stands
    from superset.connectors.sqla.models import SqlaTable  # noqa: PLC0415  only where the app stands

    role = security_manager.find_role(role_name)
    wanted = {*security_manager.PUBLIC_ROLE_PERMISSIONS, *ALSO_FOR_READERS} - NOT_FOR_READERS
    wanted |= {
        ("datasource_access", dataset.get_perm())
        for dataset in db.session.query(SqlaTable)
        if dataset.database.database_name in databases
    }
    role.permissions = [security_manager.add_permission_view_menu(*right) for right in sorted(wanted)]


if __name__ == "__main__":
    prepare(Path(os.environ["HUB_DASHBOARDS_HOME"]))
