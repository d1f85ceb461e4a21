"""The answers of the Claims and Physician forms, as kept and as a browser posts them."""

CLAIMS, PHYSICIAN = "/p/claims/access-form/", "/p/physician/access-form/"

CLAIMS_POST = {
    "request_type": "new", "contact_name": "Zoë O'Brien", "contact_phone": "310-555-0123",
    "practice_name": "Clínica & Sons", "tins": "12-3456789, 123-45-6789", "address": "1 Main St", "suite": "",
    "city": "Los Ángeles", "state": "CA", "zip": "90210", "telephone": "3105550100",
    "front_office_email": "f@example.org", "fax": "", "officer_name": "Olga Officer",
    "officer_email": "o@example.org", "officer_title": "Director", "user_name": "Zoë O'Brien",
    "user_email": "z@example.org", "submit_claims": "yes", "user_title": "Biller", "login_user_id": "zobrien",
}  # fmt: skip

PHYSICIAN_POST = {
    "physician_name": "Dr. Zoë", "practice_name": "Clínica", "address": "1 Main St", "city": "LA", "zip": "90210",
    "telephone": "3105550100", "fax": "", "regions": ["r1", "san_jose"], "request_type": ["staff", "new_access"],
    "staff-TOTAL_FORMS": "4", "staff-INITIAL_FORMS": "0", "staff-MIN_NUM_FORMS": "4", "staff-MAX_NUM_FORMS": "8",
    **{f"staff-{n}-{name}": "no" for n in range(4) for name in ("cap_report", "add_terms")},
    "staff-0-name": "Zoë O'Brien", "staff-0-email": "z@example.org", "staff-0-npi": "1234567893",
    "staff-0-username": "zob",
}  # fmt: skip
