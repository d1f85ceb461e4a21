"""Access forms as the demo's people fill them in."""

CLAIMS_ANSWERS = {
    "request_type": "add_tin",
    "contact_name": "Grace Lin",
    "contact_phone": "3105550113",
    "practice_name": "Harbor Family Medicine",
    "tins": [{"digits": "954501234", "kind": "EIN"}, {"digits": "330876543", "kind": "EIN"}],
    "address": "1200 Pacific Coast Highway",
    "suite": "210",
    "city": "Long Beach",
    "state": "CA",
    "zip": "90806",
    "telephone": "5625550180",
    "front_office_email": "frontoffice@example.org",
    "fax": "5625550181",
    "officer_name": "Ruth Adeyemi",
    "officer_email": "ruth.adeyemi@example.org",
    "officer_title": "Practice Administrator",
    "user_name": "Grace Lin",
    "user_email": "grace.lin@example.org",
    "submit_claims": "yes",
    "user_title": "Physician",
    "login_user_id": "glin01",
}
PHYSICIAN_ANSWERS = {
    "physician_name": "Dr. Amélie O'Connor",
    "practice_name": "Becker & Associates Billing",
    "address": "455 E Orange Grove Blvd",
    "city": "Pasadena",
    "zip": "91104",
    "telephone": "6265550144",
    "fax": "6265550145",
    "regions": ["r1", "r2"],
    "request_type": ["staff", "new_access"],
    "staff": [
        {"name": "Tom Becker", "email": "tom.becker@example.org", "npi": "", "username": "",
         "cap_report": "yes", "add_terms": "no"},
        {"name": "Amélie O'Connor", "email": "a.oconnor@example.org", "npi": "1234567893",
         "username": "aoconnor", "cap_report": "no", "add_terms": "no"},
    ],
}  # fmt: skip

REGISTRATION_ANSWERS = {
    "category": "professional",
    "market": "CA",
    "tins": [{"digits": "123456789", "kind": "EIN"}, {"digits": "987654321", "kind": "EIN"}],
    "npis": ["1234567893"],
    "role": "medical_assistant",
    "job_functions": ["scheduling", "referrals"],
}
