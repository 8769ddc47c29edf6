select
    cut_off,
    force_code,
    force_name,
    question_number,
    topic,
    question,
    evidence,
    evidence_view
from {{ ref('agg_tasking_questions') }}
