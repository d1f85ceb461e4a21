"""Every periodic job of the product, one line each: task, how often, which queue."""

from typing import Any

from celery.schedules import crontab


def _job(task: str, schedule: object, **options: object) -> dict[str, Any]:
    return {"task": task, "schedule": schedule, "options": options}


SCHEDULE = {
    # A lost nudge costs seconds, never a message; a form costs a minute.
    "drain the outbox": _job("identity.tasks.drain_outbox", 15.0, expires=14),
    "answer recovery requests": _job("identity.tasks.answer_recovery_requests", crontab(), expires=50),
    "do due resets": _job("identity.tasks.do_due_resets", crontab(), expires=50),
    "look at files": _job("identity.tasks.look_at_files", crontab(), expires=50),
    "tell of waiting files": _job("identity.tasks.tell_of_waiting_files", crontab(minute=25)),
    "print waiting forms": _job("accessforms.tasks.print_waiting_forms", crontab(), expires=50),
    "expire unfaxed requests": _job("accessforms.tasks.expire_unfaxed", crontab(minute=20)),
    "tell of late requests": _job("accessforms.tasks.tell_of_late", crontab(minute=50)),
    "end administrator requests": _job("enrollment.tasks.end_administrator_requests", crontab(minute=35)),
    "tell administrators": _job("enrollment.tasks.tell_administrators", crontab(), expires=50),
    "pass on practice inquiries": _job("enrollment.tasks.pass_on_practice_inquiries", crontab(), expires=50),
    "pass on mandates": _job("rbac.tasks.pass_on_mandates", crontab(), expires=50),
    "end mandates": _job("enrollment.tasks.end_mandates", crontab(minute=55)),
    "forget practice inquiries": _job("enrollment.tasks.forget_practice_inquiries", crontab(minute=45)),
    "lapse invitations": _job("enrollment.tasks.lapse_invitations", crontab(minute=25)),
    "lapse hand-overs": _job("enrollment.tasks.lapse_hand_overs", crontab(minute=35)),
    "review practices": _job("enrollment.tasks.review_practices", crontab(minute=15)),
    "warn practices": _job("enrollment.tasks.warn_practices", crontab(minute=35)),
    "remind of passwords": _job("identity.tasks.remind_of_passwords", crontab(minute=10, hour="*/6")),
    "sweep idle accounts": _job("portals.tasks.sweep_idle_accounts", crontab(minute=10, hour=2)),
    "go on with sweeps": _job("rbac.tasks.go_on_with_sweeps", crontab(), expires=50),
    "tell of grids": _job("rbac.tasks.tell_of_grids", crontab(minute=15)),
    "end sign-ons of the grid": _job("portals.tasks.end_sign_ons_of_the_grid", crontab(minute="*/5")),
    "erase documents": _job("portals.tasks.erase_documents", crontab(minute=20, hour=3)),
    "print waiting certificates": _job("portals.tasks.print_waiting_certificates", crontab(), expires=50),
    "close attempts at courses": _job("portals.tasks.close_attempts", crontab(minute="*/10")),
    "tell of certificates that end": _job("portals.tasks.tell_of_certificates", crontab(minute=30)),
    "prune sign-ons": _job("portals.tasks.prune_oidc_sessions", crontab(minute=50, hour=3)),
    "tell of news": _job("portals.tasks.tell_of_news", crontab(minute="*/5"), expires=290),
    "prune courses": _job("portals.tasks.prune_courses", crontab(minute=50, hour=3)),
    "prune feedback": _job("portals.tasks.prune_feedback", crontab(minute=50, hour=3)),
    "go on with imports of old accounts": _job("portals.tasks.go_on_with_imports", crontab(), expires=50),
    "wrap imported hashes": _job("portals.tasks.wrap_imported_hashes", crontab(), expires=50),
    "forget reports of imports": _job("portals.tasks.forget_reports", crontab(minute=50, hour=3)),
    "prune old records": _job("identity.tasks.prune", crontab(minute=40, hour=3)),
}
