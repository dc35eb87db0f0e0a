"""The rows of the matrix in `test_urls.py`: what an address names, what each role gets, which addresses.

The order of roles: anonymous, office, recommender, applicant, department, expert, inspector, auditor, admin.
"""

ROWS = (
    (
        "",
        "200 200 200 200 200 200 200 200 200",
        (
            "portal:home portal:front portal:healthz portal:readyz voting:lookup voting:inbox voting:verify "
            "awards:visit_worker awards:objection_status awards:registry awards:notices awards:notice_feed "
            "awards:exhibition awards:registry_print awards:registry_export awards:honour_feed portal:robots "
            "portal:sitemap"
        ),
    ),
    (
        "",
        "login 200 200 200 200 200 200 200 200",
        "portal:notices nominations:editions",
    ),
    (
        "",
        "login 200 403 403 403 403 403 200 200",
        "portal:record",
    ),
    (
        "",
        "login 403 403 403 403 403 403 200 200",
        "portal:invariants",
    ),
    (
        "",
        "login 200 403 403 403 403 403 403 200",
        "portal:outbox portal:calendar portal:calendar_new",
    ),
    (
        "",
        "login 200 403 403 403 403 403 403 403",
        "nominations:edition_new",
    ),
    (
        "",
        "login 200 403 403 403 403 403 200 200",
        "nominations:categories",
    ),
    (
        "category",
        "login 200 403 403 403 403 403 200 200",
        "nominations:category nominations:category_form nominations:category_file",
    ),
    (
        "category",
        "login 200 403 403 403 403 403 403 403",
        "nominations:category_change",
    ),
    (
        "",
        "login 200 403 403 403 403 403 200 403",
        "review:register review:register_export",
    ),
    (
        "",
        "login 200 403 403 403 403 403 403 403",
        "review:expert_new review:register_import review:register_form",
    ),
    (
        "expert",
        "login 200 403 403 403 403 403 200 403",
        "review:expert",
    ),
    (
        "expert",
        "login 200 403 403 403 403 403 403 403",
        "review:expert_edit review:expert_active",
    ),
    (
        "",
        "login 403 403 403 403 200 403 403 403",
        "review:sheets review:declare",
    ),
    (
        "",
        "405 405 405 405 405 405 405 405 405",
        "portal:letters voting:sms_report",
    ),
    (
        "",
        "login 405 405 405 405 405 405 405 405",
        "portal:check_record portal:run_invariants",
    ),
    (
        "hat",
        "login 405 405 405 405 405 405 405 405",
        "portal:wear",
    ),
    (
        "year",
        "login 200 403 403 403 403 403 403 200",
        "portal:calendar_year portal:calendar_confirm",
    ),
    (
        "failed",
        "login 405 405 405 405 405 405 405 405",
        "portal:send_again",
    ),
    (
        "edition",
        "login 200 200/404 200/404 200 200 200 200 200",
        "nominations:edition nominations:desk",
    ),
    (
        "edition",
        "login 200/403 200/404 200/404 403 403 403 403 403",
        "nominations:nomination_new nominations:look_up",
    ),
    (
        "edition",
        "login 200/403 403/404 403/404 403 403 200 200 403",
        "awards:inspections awards:visit_calendar awards:visit_route",
    ),
    (
        "edition",
        "login 200/404 403/404 403/404 200/404 403 403 200 403",
        "review:screening",
    ),
    (
        "edition",
        "login 200/403 200/404 403/404 403 403 403 403 403",
        (
            "nominations:import nominations:import_form nominations:export nominations:round "
            "nominations:round_out"
        ),
    ),
    (
        "edition",
        "login 200/403 403/404 403/404 403 403 403 200 403",
        (
            "nominations:board nominations:board_export nominations:duplicates "
            "voting:poll voting:live voting:cases voting:alarms awards:shortlist "
            "awards:shortlist_progress awards:inspections_export "
            "awards:teams awards:inspector_conflicts awards:visit_letters "
            "awards:publicity awards:looks awards:objections awards:honours awards:honours_export "
            "awards:grants_export awards:edition_grants"
        ),
    ),
    (
        "edition",
        "login 200/404 403/404 403/404 200/404 403 403 403 403",
        "review:answer_workbook",
    ),
    (
        "edition",
        "login 200/404 403/404 403/404 403 403 403 200 403",
        (
            "review:screening_export review:cases review:progress review:scores_export review:batches "
            "review:recompute review:rechecks review:links"
        ),
    ),
    (
        "edition",
        "login 200/403 403/404 403/404 403 403 403 403 403",
        (
            "nominations:edition_edit nominations:edition_publish nominations:quotas "
            "nominations:quotas_import nominations:quotas_form nominations:board_remind "
            "nominations:conclude nominations:close_recommendation voting:set_up "
            "voting:open_poll voting:close_poll voting:pause voting:resume voting:effort voting:set_aside "
            "voting:pictures "
            "awards:inspection_paper awards:inspection_form awards:close_inspection awards:name "
            "awards:close_publicity awards:certificates "
            "awards:team_new awards:visit_proposal awards:visit_letters_zip"
        ),
    ),
    (
        "edition",
        "login 200/404 403/404 403/404 403 403 403 403 403",
        (
            "review:consult review:chase review:close_screening review:panel review:scores_workbook "
            "review:discussion "
            "review:draw review:assign review:give "
            "review:remind_experts review:close_review"
        ),
    ),
    (
        "edition",
        "login 403 403 403 403 200/404 403 403 403",
        "review:compared",
    ),
    (
        "edition",
        # Found by a button, chosen on the board: a bare address leads back to it.
        "login 302/404 403/404 403/404 403 403 403 403 403",
        "review:find_conflicts review:choose_pair",
    ),
    (
        "edition",
        "login 200/404 403/404 403/404 403 403 403 200 403",
        "review:conflicts",
    ),
    (
        "draw",
        "login 200/404 403/404 403/404 403 403 403 200 403",
        "review:drawn",
    ),
    (
        "run",
        "login 200/404 403/404 403/404 403 403 403 200 403",
        "review:assignment_run",
    ),
    (
        "member",
        "login 200/404 403 403 403 403 403 403 403",
        "review:answer_for review:replace",
    ),
    (
        "member nomination",
        "login 200/404 403 403 403 403 403 403 403",
        "review:pin",
    ),
    (
        "nomination",
        "login 200/404 403/404 403/404 403/404 403/404 403/404 403 404",
        "review:recuse_office",
    ),
    (
        "aside",
        "login 200/404 403 403 403 403 403 403 403",
        "review:lift_office",
    ),
    (
        "assignment",
        "login 200/404 404 404 404 403/404 404 403 404",
        "review:take_back",
    ),
    (
        "edition",
        "login 404 200/404 404 404 404 404 404 404",
        "nominations:rank",
    ),
    (
        "edition",
        "login 404 404 404 200/404 404 404 404 404",
        "review:answer_rest review:answer_template",
    ),
    (
        "edition",
        "login 302 302/404 302/404 302 302 302 302 302",
        "nominations:recommend",
    ),
    (
        "edition",
        # Which two is not said.
        "login 404/403 403/404 403/404 403 403 403 403 403",
        "nominations:tell_apart",
    ),
    (
        "edition apart",
        "login 405 405 405 405 405 405 405 405",
        "nominations:look_again",
    ),
    (
        "edition",
        "login 302/403 403/404 403/404 403 403 403 403 403",
        (
            "awards:inspection_team awards:publish_notice awards:publish_replacement "
            "awards:choose_inspector_pair"
        ),
    ),
    (
        "edition",
        "login 404/403 403/404 403/404 403 403 403 404 403",
        (
            "awards:shortlist_result awards:shortlist_export awards:shortlist_why awards:shortlist_what_if "
            "awards:shortlist_verify"
        ),
    ),
    (
        # Nobody has left: back to the list.
        "edition nomination",
        "login 302/403 403/404 403/404 403 403 403 403 403",
        "awards:top_up",
    ),
    (
        "edition intake",
        "login 200/404 404 404 404 404 404 404 404",
        "nominations:import_preview nominations:import_progress",
    ),
    (
        "edition round",
        "login 200/404 404 404 404 404 404 404 404",
        "nominations:round_file",
    ),
    (
        "edition answers",
        "login 200/404 403/404 403/404 404 403 403 403 403",
        "review:answers_file review:answers_progress",
    ),
    (
        "nomination",
        "login 405 405 405 405 405 405 405 405",
        "nominations:autosave nominations:take_over",
    ),
    (
        "nomination",
        "login 302/404 302/404 302/404 403/404 403/404 403/404 403 404",
        "nominations:conflict",
    ),
    (
        "nomination",
        "login 200/404 200/404 200/404 200/404 200/404 200/404 200 404",
        "nominations:nomination",
    ),
    (
        "nomination",
        "login 200/404 200/404 200/404 403/404 403/404 200/404 200 404",
        "nominations:form_docx nominations:form_pdf nominations:form_print",
    ),
    (
        "edition",
        # The office names the recommender it means.
        "login 404/403 200/404 403/404 403 403 403 403 403",
        "nominations:report_docx",
    ),
    (
        "nomination",
        "login 200/404 200/404 200/404 403/404 403/404 403/404 403 404",
        "nominations:nomination_edit nominations:attach nominations:submit nominations:withdraw",
    ),
    (
        "nomination",
        "login 200/404 200/404 200/404 200/404 200/404 200/404 200 404",
        "nominations:evidence_view",
    ),
    (
        "evidence",
        "login 200/404 200/404 200/404 403/404 403/404 403/404 403 404",
        "nominations:evidence_replace nominations:evidence_void",
    ),
    (
        "evidence leaf",
        "login 200/404 200/404 200/404 200/404 200/404 200/404 200 404",
        "nominations:evidence_page",
    ),
    (
        "nomination",
        "login 200/404 200/404 403/404 403/404 403/404 403/404 403 404",
        "nominations:send_back",
    ),
    (
        "edition",
        "login 405 405 405 405 405 405 405 405",
        "review:answer_row",
    ),
    (
        "nomination",
        "login 200/404 403/404 403/404 403/404 403/404 403/404 403 404",
        "review:refuse_rechecked awards:refuse_found awards:rename",
    ),
    (
        "link",
        "login 200/404 404 404 404 404 404 403 404",
        "review:revoke_link",
    ),
    (
        # The key is what opens these, whoever holds it.
        "key",
        "200 200 200 200 200 200 200 200 200",
        (
            "review:by_link review:by_link_rest review:by_link_workbook review:by_link_template "
            "review:by_link_finish"
        ),
    ),
    (
        "key",
        "405 405 405 405 405 405 405 405 405",
        "review:by_link_row",
    ),
    (
        # Brought by somebody else.
        "key answers",
        "404 404 404 404 404 404 404 404 404",
        "review:by_link_file",
    ),
    (
        "key proof",
        "200 200 200 200 200 200 200 200 200",
        "review:by_link_proof",
    ),
    (
        "screened",
        "login 200/404 403/404 404 200/404 404 404 200 404",
        "review:answer",
    ),
    (
        "screened",
        "login 200/404 403/404 404 403/404 404 404 403 404",
        "review:find",
    ),
    (
        "screened",
        "login 200/404 403/404 404 403/404 404 404 200 404",
        "review:decision",
    ),
    (
        "opinion",
        "login 200/404 404 404 403/404 404 404 403 404",
        "review:overrule",
    ),
    (
        "overrule",
        "login 200/404 404 404 404 404 404 200 404",
        "review:decide_overrule",
    ),
    (
        "proof",
        "login 200/404 404 404 200/404 404 404 200 404",
        "review:proof",
    ),
    (
        "evidence",
        "login 200/404 200/404 200/404 200/404 200/404 200/404 200 404",
        "nominations:evidence nominations:evidence_thumbnail",
    ),
    (
        "enterprise",
        "login 200/404 200/404 200/404 404 404 404 200 200",
        "nominations:enterprise",
    ),
    (
        "assignment",
        "login 200/404 404 404 404 200/404 404 403 404",
        "review:recuse",
    ),
    (
        "assignment",
        "login 200/404 404 404 404 200/404 404 200 404",
        "review:sheet",
    ),
    (
        "assignment",
        "login 403/404 404 404 404 302/404 404 403 404",
        "review:submit_sheet",
    ),
    (
        "assignment",
        "login 200/404 404 404 404 403/404 404 403 404",
        "review:reopen_sheet",
    ),
    (
        "member",
        "login 403 403 403 403 200/404 403 403 403",
        "review:invitation",
    ),
    (
        "edition",
        "login 403/404 403/404 403/404 403 200/404 403 403 403",
        "review:offline",
    ),
    (
        "edition",
        # Nothing is left to score in the one at home.
        "login 403/404 403/404 403/404 403 302/404 403 403 403",
        "review:offline_workbook",
    ),
    (
        "edition scored",
        # The file in it is nobody's hand-out.
        "login 403/404 403/404 403/404 403 302/404 403 403 403",
        "review:offline_file",
    ),
    (
        "edition",
        "login 302/404 403/404 403/404 403 200/404 403 403 403",
        "review:offline_paper",
    ),
    (
        "edition",
        "login 200/404 403/404 403/404 403 403 403 200 403",
        "review:papers",
    ),
    (
        "assignment",
        "login 302/404 404 404 404 200/404 404 403 404",
        "review:sheet_form",
    ),
    (
        "assignment",
        "login 200/404 404 404 404 200/404 404 200 404",
        "review:sheet_papers",
    ),
    (
        "scan",
        "login 200/404 404 404 404 200/404 404 200 404",
        "review:sheet_scan",
    ),
    (
        "poll",
        "200 200 200 200 200 200 200 200 200",
        "voting:booth voting:choose voting:terms voting:totals voting:identity voting:result",
    ),
    (
        "poll",
        "200 200 200 200 200 200 200 200 200",
        "voting:record voting:checkpoint",
    ),
    (
        "poll",
        "400 400 400 400 400 400 400 400 400",
        "voting:inclusion_at voting:consistency",
    ),
    (
        "poll log_size",
        "200 200 200 200 200 200 200 200 200",
        "voting:checkpoint_at",
    ),
    (
        "poll log_name",
        "200 200 200 200 200 200 200 200 200",
        "voting:inclusion",
    ),
    (
        "poll log_file",
        "404 404 404 404 404 404 404 404 404",
        "voting:record_file",
    ),
    (
        "poll",
        "302 302 302 302 302 302 302 302 302",
        "voting:summary voting:mine",
    ),
    (
        "poll",
        "405 405 405 405 405 405 405 405 405",
        "voting:cast voting:code voting:check ballot:cast",
    ),
    (
        "poll",
        "422 422 422 422 422 422 422 422 422",
        "voting:challenge",
    ),
    (  # the tier reads with a connection of its own: it knows only what was committed
        "poll",
        "404 404 404 404 404 404 404 404 404",
        "ballot:start",
    ),
    (
        "candidate",
        "200 200 200 200 200 200 200 200 200",
        "voting:candidate",
    ),
    (
        "",
        "405 405 405 405 405 405 405 405 405",
        "voting:comfort",
    ),
    (  # a code is no name of a picture
        "receipt",
        "404 404 404 404 404 404 404 404 404",
        "voting:picture",
    ),
    (
        "receipt",
        "200 200 200 200 200 200 200 200 200",
        "voting:receipt",
    ),
    (
        "edition",
        "login 404/403 403/404 403/404 403 403 403 404 403",
        "voting:export",
    ),
    (
        "case",
        "login 200/403 403/404 403/404 403 403 403 200 403",
        "voting:case",
    ),
    (
        "alarm",
        "login 200/403 403/404 403/404 403 403 403 200 403",
        "voting:alarm",
    ),
    (
        "case",
        "login 200/403 403/404 403/404 403 403 403 403 403",
        "voting:undo_case",
    ),
    (
        "alarm",
        "login 200/403 403/404 403/404 403 403 403 403 403",
        "voting:propose_alarm voting:dismiss_alarm",
    ),
    (
        "edition",
        "login 405 405 405 405 405 405 405 405",
        "awards:find_inspector_conflicts",
    ),
    (
        "edition",
        "login 403 403 403 403 403 200 403 403",
        "awards:declare_inspector",
    ),
    (
        "edition visitor",
        "login 200/403 403/404 403/404 403 403 403 403 403",
        "awards:inspector",
    ),
    (
        "team",
        "login 200/403 403/404 403/404 403 403 403 200 403",
        "awards:team",
    ),
    (
        "team",
        "login 200/403 403/404 403/404 403 403 403 403 403",
        "awards:team_retire",
    ),
    (
        "inspection visitor",
        "login 200/404 404 404 404 404 403/404 403 404",
        "awards:pin_inspector",
    ),
    (
        "letter",
        "login 200/404 404 404 404 404 200/404 200 404",
        "awards:visit_letter",
    ),
    (
        "inspection",
        "login 200/404 404 404 404 404 200/404 200 404",
        "awards:inspection awards:visit_report awards:visit_report_pdf",
    ),
    (
        "inspection",
        "login 200/404 404 404 404 404 200/404 403 404",
        "awards:sign_visit",
    ),
    (
        "inspection",
        "login 200/404 404 404 404 404 403/404 403 404",
        "awards:line_new",
    ),
    # A phone asks, and nobody is there to read a page: signed out is said as such.
    (
        "inspection",
        "401 200/403 403 403 403 403 200/403 403 403",
        "awards:sync_visit",
    ),
    (
        "inspection",
        "405 405 405 405 405 405 405 405 405",
        "awards:add_photo",
    ),
    (
        "inspection",
        "login 405 405 405 405 405 405 405 405",
        "awards:note_document awards:note_interview",
    ),
    (
        "checked",
        "login 200/404 404 404 404 404 200/404 403 404",
        "awards:void_document",
    ),
    (
        "talk",
        "login 200/404 404 404 404 404 200/404 403 404",
        "awards:void_interview",
    ),
    (
        "photo",
        "login 200/404 404 404 404 404 200/404 403 404",
        "awards:void_photo",
    ),
    (
        "signed",
        "login 200/404 404 404 404 404 200/404 200 404",
        "awards:signature_scan",
    ),
    (
        "paper",
        "login 200/404 404 404 404 404 404 404 404",
        "awards:inspection_preview",
    ),
    (
        "inspection",
        "login 200/404 404 404 404 404 403/404 403 404",
        "awards:dispose awards:refer awards:reopen_visit",
    ),
    (
        "edition",
        "login 200/403 403/404 403/404 403 403 403 200 403",
        "awards:referrals",
    ),
    (
        "referral",
        "login 200/404 404 404 404 404 404 200 404",
        "awards:referral",
    ),
    (
        "photo",
        "login 200/404 404 404 404 404 200/404 200 404",
        "awards:photo",
    ),
    (
        "notice",
        "200 200 200 200 200 200 200 200 200",
        "awards:notice awards:notice_document awards:notice_print awards:notice_export awards:object",
    ),
    (
        "notice",
        "login 200/403 403 403 403 403 403 403 403",
        "awards:correct_notice",
    ),
    (
        "look",
        "login 200/403 403/404 403/404 403 403 403 200 403",
        "awards:look_paper",
    ),
    (
        "",
        "login 200 403 403 403 403 403 403 403",
        "awards:templates",
    ),
    (
        "paper_type",
        "login 200 403 403 403 403 403 403 403",
        "awards:template_kind",
    ),
    (
        "paper_type ours",
        "login 200 403 403 403 403 403 403 403",
        "awards:template_source awards:template_example",
    ),
    (
        "paper_type ours",
        "login 405 405 405 405 405 405 405 405",
        "awards:template_use",
    ),
    (
        "objection",
        "login 200/404 404 404 404 404 404 200 404",
        "awards:objection",
    ),
    (
        "objection",
        "login 405 405 405 405 405 405 405 405",
        (
            "awards:objection_take awards:objection_person awards:objection_paper awards:objection_letter "
            "awards:objection_enterprise_letter awards:my_objection_letter awards:roster_end"
        ),
    ),
    (
        "objection",
        "login 200/404 404 404 404 404 404 403 404",
        "awards:objection_hear awards:objection_ask awards:objection_extend awards:objection_assign",
    ),
    (
        "objection",
        "login 404 404 200/404 404 404 404 404 404",
        "awards:my_objection",
    ),
    (
        "",
        "405 405 405 405 405 405 405 405 405",
        "awards:objection_status_letter",
    ),
    (
        "",
        "login 200 403 403 403 403 403 403 403",
        "awards:roster",
    ),
    (
        "honour",
        "login 200/404 404 403/404 404 404 404 403 404",
        "awards:honour_medal awards:honour_revoke",
    ),
    (
        "honour",
        "login 200/404 404 200/404 404 404 404 200 404",
        "awards:honour",
    ),
    (
        "honour",
        "login 200/404 404 200/404 404 404 404 403 404",
        "awards:medal_person awards:medal_person_remove",
    ),
    (
        "honour",
        "login 405 405 405 405 405 405 405 405",
        "awards:medal_person_read",
    ),
    (
        "honour list_to",
        "login 200/404 404 403/404 404 404 404 403 404",
        "awards:promote",
    ),
    (
        "honour paper_kind",
        "login 200/404 404 403/404 404 404 404 403 404",
        "awards:certificate",
    ),
    (
        "promotion",
        "login 200/404 404 403/404 404 404 404 403 404",
        "awards:end_promotion awards:promotion_outcome",
    ),
    (
        "token",
        "200 200 200 200 200 200 200 200 200",
        "awards:verify",
    ),
    (
        "",
        "login 200 403 403 403 403 403 403 403",
        "awards:former awards:former_new awards:former_form awards:former_import",
    ),
    (
        "entered",
        "login 200/404 403 403 403 403 403 403 403",
        "awards:former_correct awards:former_withdraw",
    ),
    (
        "former_list",
        "login 200/404 404 404 404 404 404 404 404",
        "awards:former_file awards:former_progress",
    ),
    (
        "edition",
        "login 405 405 405 405 405 405 405 405",
        "awards:medal_people_export",
    ),
    (
        "edition list_to",
        "login 200/403 403/404 403/404 403 403 403 200 403",
        "awards:promotions_export",
    ),
    (
        "decision",
        "login 200/403 403/404 403/404 403 403 403 200 403",
        "awards:decision awards:decision_pdf",
    ),
    (
        "",
        "login 200 200 200 200 200 200 200 200",
        "awards:grants",
    ),
    (
        "grant",
        "login 200/404 200/404 200/404 404 404 404 200 404",
        "awards:grant awards:grant_export",
    ),
    (
        "grant",
        "login 200/404 403/404 200/404 404 404 404 403 404",
        "awards:expense awards:repay awards:plan_grant",
    ),
    (
        "grant",
        "login 200/404 403/404 403/404 404 404 404 403 404",
        "awards:disburse awards:close_grant",
    ),
    (
        "plan",
        "login 200/404 200/404 200/404 404 404 404 200 404",
        "awards:grant_plan",
    ),
    (
        "report",
        "login 200/404 200/404 200/404 404 404 404 200 404",
        "awards:quarter_report",
    ),
    (
        "voucher",
        "login 200/404 200/404 200/404 404 404 404 200 404",
        "awards:voucher",
    ),
    (
        "payment",
        "login 200/404 200/404 200/404 404 404 404 200 404",
        "awards:disbursement_receipt",
    ),
    (
        "repayment",
        "login 200/404 200/404 200/404 404 404 404 200 404",
        "awards:repayment_receipt",
    ),
    (
        "payment",
        "login 200/404 403/404 403/404 404 404 404 403 404",
        "awards:reverse_disbursement",
    ),
    (
        "repayment",
        "login 200/404 403/404 200/404 404 404 404 403 404",
        "awards:reverse_repayment",
    ),
    (
        "expense",
        "login 200/404 403/404 200/404 404 404 404 403 404",
        "awards:reverse_expense",
    ),
    (
        "",
        "login 200 200 403 200 403 403 200 200",
        "indicators:systems indicators:levels indicators:level_honours indicators:levels_export",
    ),
    (
        "system",
        "login 200 200 403 200 403 403 200 200",
        "indicators:board indicators:board_export",
    ),
    (
        "indicator",
        "login 200 200 403 200 403 403 200 200",
        "indicators:indicator",
    ),
    (
        "reporting",
        "login 200 200 403 200 403 403 200 200",
        "indicators:round",
    ),
    (
        "system",
        "login 200/403 403 404 403 404 404 403 403",
        "indicators:new_round indicators:reporters",
    ),
    (
        "indicator",
        "login 200/403 403 404 403 404 404 403 403",
        "indicators:indicator_reporters",
    ),
    (
        "reporting",
        "login 200/403 403 403 403 403 403 403 403",
        "indicators:close_round",
    ),
    (
        "reporting",
        "login 405 405 405 405 405 405 405 405",
        "indicators:remind",
    ),
    (
        "reporting reporter",
        "login 200/403 200/403 403 403 403 403 403 403",
        "indicators:report indicators:report_form indicators:report_import",
    ),
    (
        "",
        "login 200 403 403 403 403 403 200 403",
        "indicators:unions",
    ),
    (
        "unit",
        "login 200 200/404 404 404 404 404 200 404",
        "indicators:union indicators:union_report",
    ),
    (
        "unit",
        "login 200 403/404 404 404 404 404 403 404",
        "indicators:guidance_plan",
    ),
    (
        "guidance",
        "login 200/404 200/404 404 404 404 404 200 404",
        "indicators:guidance",
    ),
    (
        "guidance",
        "login 200/404 403/404 404 404 404 404 403 404",
        "indicators:guidance_record indicators:guidance_cancel",
    ),
    (
        "agreement",
        "login 200/404 200/404 404 404 404 404 403 404",
        "indicators:agreement",
    ),
    (
        "enterprise",
        "200 200 200 200 200 200 200 200 200",
        "awards:exhibit",
    ),
    (
        "exhibited size",
        "200 200 200 200 200 200 200 200 200",
        "awards:exhibit_picture",
    ),
    (
        "",
        "login 200 200 200 200 200 200 200 200",
        "awards:releases_waiting",
    ),
    (
        "enterprise",
        "login 200/404 200/404 200/404 404 404 404 200 404",
        "awards:releases",
    ),
    (
        "enterprise",
        "login 403/404 403/404 200/404 404 404 404 403 404",
        "awards:release",
    ),
    (
        "exhibited",
        "login 200/404 404 200/404 404 404 404 403 404",
        "awards:release_withdraw",
    ),
    (
        "exhibited size",
        "login 200/404 404 200/404 404 404 404 200 404",
        "awards:release_picture",
    ),
)
